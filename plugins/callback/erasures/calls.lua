-- What calls keep of a person in plain words: reasons with a detail, corrections, an advisor's reply. Notes and answers are sealed.
local a = require "archive.define"

local MINE = "IN (SELECT id FROM archive_visit WHERE COALESCE(bringer_id, owner_id, contact_id) = ?)"
local ANY = "IN (SELECT id FROM archive_visit WHERE ? IN (owner_id, bringer_id, contact_id))"
local TASKS = "IN (SELECT id FROM call_task WHERE visit_id " .. ANY .. ")"

local function open(person)
  local db, out = require "host.db", {}
  for i, row in ipairs(db.all("SELECT no FROM call_task WHERE state <> 'done' AND visit_id " .. MINE .. " ORDER BY no", person)) do
    out[i] = { zh = "回访 " .. row.no, en = "call " .. row.no }
  end
  return out
end

-- A reason is the rule's sentence, and behind a colon what was true of this customer.
local function first_part(text)
  return text and (text:match "^(.-)：" or text:match "^(.-): ") or text
end

local function reasons(db, tbl, person)
  local n = 0
  for _, row in ipairs(db.all(("SELECT id, reason_zh, reason_en FROM %s WHERE visit_id %s"):format(tbl, ANY), person)) do
    local zh, en = first_part(row.reason_zh), first_part(row.reason_en)
    if zh ~= row.reason_zh or en ~= row.reason_en then
      n = n + db.run(("UPDATE %s SET reason_zh = ?, reason_en = ? WHERE id = ?"):format(tbl), zh, en, row.id)
    end
  end
  return n
end

-- The hash of a decision's facts goes, too: names are among them. A decision that still matters is simply made again.
local function wipe(person)
  local db = require "host.db"
  db.run("UPDATE call_task SET facts_hash = '' WHERE visit_id " .. ANY, person)
  db.run("UPDATE call_exclusion SET facts_hash = '' WHERE visit_id " .. ANY, person)
  return reasons(db, "call_exclusion", person)
    + db.run("UPDATE call_correction SET reason = '—' WHERE reason <> '—' AND task_id " .. TASKS, person)
    + db.run("UPDATE call_contact_fix SET reply = NULL WHERE reply IS NOT NULL AND task_id " .. TASKS, person)
end

return a.erasure "calls" { title = { zh = "回访", en = "Calls" }, open = open, wipe = wipe }
