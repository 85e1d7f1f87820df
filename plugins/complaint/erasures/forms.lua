-- What forms and minor issues keep of a person in plain words: why one was withdrawn. Everything said is sealed.
local a = require "archive.define"

local function open(person)
  local db, out = require "host.db", {}
  for _, row in ipairs(db.all("SELECT no FROM complaint_form WHERE state <> 'closed' AND person_id = ? ORDER BY no", person)) do
    out[#out + 1] = { zh = "跟踪单 " .. row.no, en = "tracking form " .. row.no }
  end
  for _, row in ipairs(db.all([[SELECT m.day, v.order_no FROM complaint_minor m JOIN archive_visit v ON v.id = m.visit_id
      WHERE m.closed_at IS NULL AND m.person_id = ? ORDER BY m.day]], person)) do
    out[#out + 1] = { zh = ("%s 的一般问题（工单 %s）"):format(row.day, row.order_no), en = ("minor issue of %s (order %s)"):format(row.day, row.order_no) }
  end
  return out
end

local function wipe(person)
  local db = require "host.db"
  return db.run("UPDATE complaint_form SET withdrawn = '—' WHERE withdrawn IS NOT NULL AND person_id = ?", person)
    + db.run("UPDATE complaint_minor SET withdrawn = '—' WHERE withdrawn IS NOT NULL AND person_id = ?", person)
end

return a.erasure "forms" { title = { zh = "跟踪单", en = "Tracking forms" }, open = open, wipe = wipe }
