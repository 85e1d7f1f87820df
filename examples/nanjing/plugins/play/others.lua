-- What the others do in the example: the director answers, the advisor replies and mends contact data, the specialist calls a second time,
-- the supervisor signs. Each looks for what came before today, as people do who answer by the next working day.

local clock = require "host.clock"
local db = require "host.db"
local who = require "host.who"
local callback = require "callback"
local complaint = require "complaint"
local chance = require "play.chance"
local calls = require "play.calls"
local words = require "play.words"

local M = {}

local draw, pick = chance.draw, chance.pick

-- A story is known by the ratings it gave.
local function story_of(sheet_id)
  local got = {}
  for _, row in ipairs(db.all("SELECT item, number FROM survey_answer WHERE sheet_id = ? AND kind = 'rate'", sheet_id)) do
    got[row.item] = math.tointeger(row.number)
  end
  for _, story in pairs(words.serious) do
    local same = true
    for item, value in pairs(story.low) do same = same and got[item] == value end
    if same then return story end
  end
  return words.serious.late
end

local function start_of_today() return clock.at(clock.today()) end

function M.answer()
  local rows = db.all("SELECT id, round, sheet_id FROM complaint_form WHERE state = 'sent' AND director = ? AND sent_at < ? ORDER BY id",
    who.actor().login, start_of_today())
  for _, form in ipairs(rows) do
    local story = story_of(form.sheet_id)
    local day, hm = clock.split(clock.now() - 25 * 60000)
    local first = form.round == 1
    complaint.answer(form.id, { round = form.round, cause = first and story.cause or story.more, action = first and story.action or story.more_done,
      told_day = day, told_time = hm })
  end
  return #rows
end

local function second_form(form, wanted)
  local story = story_of(form.sheet_id)
  local d = draw(form.no .. clock.today(), "second")
  local result = wanted ~= "any" and wanted or d < 110 and "not_reached" or d < 300 and form.round < 2 and "unsatisfied" or "satisfied"
  if story == words.serious.refund then result = "unsatisfied" end
  local remark = result == "unsatisfied" and story.again or result == "satisfied" and pick(words.pleased, form.no, "pleased") or nil
  complaint.recheck(form.id, { round = form.round, result = result, remark = remark })
end

local function second_minor(minor, wanted)
  local d = draw(minor.order_no .. clock.today(), "second")
  local result = wanted ~= "any" and "satisfied" or d < 90 and "not_reached" or d < 190 and minor.round < 2 and "unsatisfied" or "satisfied"
  local story = calls.story_of(minor.order_no, "minor", "")
  complaint.minor_recheck(minor.id, result, result == "unsatisfied" and story.again or "")
end

function M.second(o)
  local login = who.actor().login
  local forms = db.all([[SELECT f.id, f.no, f.round, f.sheet_id FROM complaint_form f JOIN complaint_answer a ON a.form_id = f.id AND a.round = f.round
    WHERE f.state = 'answered' AND f.specialist = ? AND a.answered_at < ? ORDER BY f.id]], login, start_of_today())
  for _, form in ipairs(forms) do second_form(form, o.result) end
  local minors = db.all([[SELECT m.id, m.round, v.order_no FROM complaint_minor m JOIN archive_visit v ON v.id = m.visit_id
    WHERE m.closed_at IS NULL AND m.replied_at IS NOT NULL AND m.recheck_on <= ? AND m.specialist = ? ORDER BY m.id]], clock.today(), login)
  for _, minor in ipairs(minors) do second_minor(minor, o.result) end
  return #forms + #minors
end

local function reply_minors(name, login)
  local rows = db.all([[SELECT m.id, m.round, v.order_no FROM complaint_minor m JOIN archive_visit v ON v.id = m.visit_id
    WHERE m.closed_at IS NULL AND m.replied_at IS NULL AND m.day < ? AND (m.advisor = ? OR m.advisor <> ? AND m.specialist = ?) ORDER BY m.id]],
    clock.today(), name, "李工", login)
  for _, minor in ipairs(rows) do
    local story = calls.story_of(minor.order_no, "minor", "")
    complaint.minor_reply(minor.id, minor.round == 1 and story.reply or "已再次联系客户，按约定时间处理，费用由店里承担。")
  end
  return #rows
end

local function new_number(key) return ("1300001%04d"):format(draw(key, "number") * 10 + draw(key, "digit") % 10) end

-- Whom nobody reached before is given up; who has no good number left gets one.
local function mending(fix)
  if fix.before > 0 then return "none" end
  local d = draw(fix.order_no, "fix")
  return (d < 640 or fix.good == 0) and "number" or d < 820 and "same" or "none"
end

local function mend_contacts(name, is_advisor)
  local rows = db.all([[SELECT f.id, f.advisor, v.order_no,
      (SELECT COUNT(*) FROM call_contact_fix e WHERE e.task_id = f.task_id AND e.id < f.id) AS before,
      (SELECT COUNT(*) FROM archive_phone p WHERE p.state = 'ok' AND p.customer_id IN (v.bringer_id, v.owner_id, v.contact_id)) AS good
    FROM call_contact_fix f JOIN call_task t ON t.id = f.task_id JOIN archive_visit v ON v.id = t.visit_id
    WHERE f.closed_at IS NULL AND f.opened_at < ? ORDER BY f.id]], start_of_today())
  local n = 0
  for _, fix in ipairs(rows) do
    if (fix.advisor == name) == is_advisor and (is_advisor or fix.advisor ~= "李工") then
      local what = mending(fix)
      callback.contact_answer(fix.id, { what = what, number = what == "number" and new_number(fix.order_no) or nil, reply = words.fixed[what] })
      n = n + 1
    end
  end
  return n
end

-- The advisor 李工 has a login and does it himself; what the others say, the specialist writes down.
function M.reply()
  local me = who.actor()
  local advisor = who.has "advisor"
  return reply_minors(me.name, me.login) + mend_contacts(me.name, advisor)
end

function M.sign()
  local rows = db.all("SELECT id FROM complaint_form WHERE state = 'to_sign' ORDER BY id")
  for _, form in ipairs(rows) do complaint.sign(form.id, "sign", words.sign_note) end
  return #rows
end

return M
