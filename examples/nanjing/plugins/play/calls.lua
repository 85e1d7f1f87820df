-- One call of the example: the customer does what his order's number says, the specialist records it with the product's own acts.

local clock = require "host.clock"
local db = require "host.db"
local who = require "host.who"
local archive = require "archive"
local callback = require "callback"
local chance = require "play.chance"
local words = require "play.words"

local M = {}

local draw, pick = chance.draw, chance.pick

-- ------------------------------------------------------------------------------------------------------- whom

-- Some wait for the next morning: the day's list was longer than the day.
local function waits(row, today) return row.due_on == today and not row.first_attempt_at and draw(row.order_no, "waits") < 115 end

local QUERY = [[SELECT t.id, t.due_on, t.state, t.attempts, t.first_attempt_at, t.visit_id, v.order_no, v.advisor,
    (SELECT COUNT(*) FROM archive_phone p WHERE p.state = 'ok' AND p.customer_id IN (v.bringer_id, v.owner_id, v.contact_id)) AS numbers
  FROM call_task t JOIN archive_visit v ON v.id = t.visit_id
  WHERE (t.assigned_to IS NULL OR t.assigned_to = ?)
    AND ((t.state = 'promised' AND t.promised_at <= ?) OR (t.state = 'open' AND t.due_on <= ? AND (t.not_before IS NULL OR t.not_before <= ?)))
  ORDER BY CASE WHEN t.state = 'promised' THEN 0 ELSE 1 END, t.due_on, t.attempts, t.no]]

local function untouched(today)
  return db.one("SELECT COUNT(*) AS n FROM call_task WHERE state = 'open' AND due_on <= ? AND first_attempt_at IS NULL", today).n
end

-- Would the story that is to be told fit this customer? A wrong number leads to the advisor only where there is no other one.
local function fits(row, o)
  if o.advisor and row.advisor ~= o.advisor then return false end
  if o.tale == "bad" then return row.numbers == 1 end
  return o.tale == "any" or o.tale == "calm" or row.numbers > 0
end

local function next_task(o)
  local today, now = clock.today(), clock.now()
  local leave = o.leave > 0 and untouched(today) <= o.leave
  local other
  for _, row in ipairs(db.all(QUERY, who.actor().login, now, today, now)) do
    local skip = waits(row, today) or leave and not row.first_attempt_at
    if not skip and fits(row, o) then return row end
    if not skip then other = other or row end
  end
  return other
end

local function tries(task_id)
  local map, n = {}, 0
  for _, row in ipairs(db.all("SELECT phone_id FROM call_attempt WHERE task_id = ? AND undone_at IS NULL", task_id)) do
    n = n + 1
    if row.phone_id then map[row.phone_id] = (map[row.phone_id] or 0) + 1 end
  end
  return map, n
end

-- The first good number that was tried least, in the order the call window shows them.
local function number(people, tried)
  local best
  for _, person in ipairs(people) do
    for _, phone in ipairs(person.phones) do
      local n = tried[phone.id] or 0
      if phone.state == "ok" and (not best or n < best.n) then best = { id = phone.id, n = n } end
    end
  end
  return best and best.id
end

-- ------------------------------------------------------------------------------------------------------ what he says

local LIKES = { 10, 10, 9, 9, 9, 10, 8, 9, 8, 10 }

local function rating(key, item, story)
  local low = story and story.low[item]
  if low then return low end
  local mood = LIKES[draw(key, "mood") // 100 + 1]
  local n = mood + (draw(key, item) < 300 and -1 or 0) - (draw(key, item .. "-") < 80 and 1 or 0)
  return math.max(story and 8 or 6, n) -- who complains about one thing is content with the rest
end

local YES = { received = 975, booked = 560, followed = 830 }

local function yesno(key, item, story)
  if item == "solved" then return story and story.solved and "no" or "yes" end
  if item == "manager" then return story and story.manager or "no" end
  if item == "received" then return story and story.received or "yes" end
  local n = draw(key, item)
  if n < (YES[item] or 900) then return "yes" end
  return n > 960 and "unsure" or "no"
end

local function text(key, item, story)
  if item == "unsolved" then return story and story.solved end
  if item == "remark" and draw(key, "remark") < 220 then return pick(words.remarks, key, "words") end
end

-- Value and reason, or nothing where the customer says nothing.
local function answer(key, item, story)
  if item.kind == "rate" then
    local value = rating(key, item.id, story)
    return value, value <= 5 and story and story.reason or nil
  end
  if item.kind == "yesno" then return yesno(key, item.id, story) end
  if item.kind == "multi" then return story and story.slow or { "queue" } end
  return text(key, item.id, story)
end

-- Asks from the top until `limit` questions are answered; what the answers open or close is followed.
local function ask(id, sheet, key, story, limit)
  local state, n = nil, 0
  for _, section in ipairs(sheet.sections) do
    for _, item in ipairs(section.items) do
      local shown = item.shown
      if state then shown = state.items[item.id].shown end
      local value, reason
      if shown and n < limit then value, reason = answer(key, item, story) end
      if value ~= nil then
        state, n = callback.answer(id, item.id, value, reason), n + 1
      end
    end
  end
end

-- ------------------------------------------------------------------------------------------------------- what comes of it

local UNREACHED = { "NO_ANSWER", "NO_ANSWER", "NO_ANSWER", "BUSY", "OFF", "OUT_OF_AREA" }
local BAD = { "EMPTY_NO", "STOPPED", "WRONG_PERSON" }
local TIMES = { "10:00", "10:30", "11:00", "14:30", "15:00", "16:00" }

-- Which of the ends this call takes; n is the n-th time this customer is called.
local function fate(key, n, tale)
  if tale ~= "any" and tale ~= "calm" then return tale end
  local d = draw(key, "call" .. n)
  if d < 150 then return "unreached" end
  if d < 172 then return "bad" end
  if d < 204 then return "refused" end
  if d < 207 then return "never" end
  if d < 255 and n == 1 then return "promise" end
  if d < 262 then return "partial" end
  if d < 276 then return tale == "calm" and "well" or "serious" end
  if d < 332 then return "minor" end
  if d < 354 then return "faq" end
  return "well"
end

local function finish(task, phone, kind, story)
  if kind == "well" then return callback.finish(task.id, { phone = phone }) end
  return callback.finish(task.id, { how = kind, problem = story.problem, department = "service", phone = phone })
end

local ENDS = {}

function ENDS.unreached(task, phone, key, n) return callback.record(task.id, { code = pick(UNREACHED, key, "unreached" .. n), phone = phone }) end
function ENDS.bad(task, phone, key, n) return callback.record(task.id, { code = pick(BAD, key, "bad" .. n), phone = phone }) end
function ENDS.refused(task, phone, key) return callback.record(task.id, { code = "REFUSED", phone = phone, note = pick(words.refused, key, "refused") }) end
function ENDS.never(task, phone) return callback.record(task.id, { code = "NEVER", phone = phone, note = "客户要求以后不要再打电话" }) end
function ENDS.promise(task, phone, key, _, o)
  local day = clock.add_days(clock.today(), o.days)
  local hm = o.time ~= "" and o.time or pick(TIMES, key, "time")
  return callback.record(task.id, { code = "LATER", phone = phone, at = clock.at(day, hm), note = pick(words.later, key, "later") })
end
function ENDS.partial(task, phone, key, _, _, sheet)
  ask(task.id, sheet, key, nil, 12)
  return callback.record(task.id, { code = "PARTIAL", phone = phone, note = "客户临时有事，答到一半挂断" })
end

function M.story_of(key, kind, name)
  if kind == "serious" then
    local told = db.one("SELECT COUNT(*) AS n FROM complaint_form").n -- in turn, so that none comes twice in a few weeks
    return words.serious[name ~= "" and name or words.serious_names[told % #words.serious_names + 1]]
  end
  return words[kind] and pick(words[kind], key, "story")
end

local function reached(task, phone, key, kind, o, sheet)
  local story = M.story_of(key, kind, o.story)
  ask(task.id, sheet, key, story, 99)
  return finish(task, phone, kind, story)
end

-- Without a number nobody can be reached: the contact-data list is where such a call ends.
local function call(task, o)
  local survey = require "survey"
  local claim = callback.claim(task.id)
  local tried, made = tries(task.id)
  local phone = number(archive.card(task.visit_id).people, tried)
  local kind = phone and fate(task.order_no, made + 1, o.tale) or "unreached"
  local sheet = survey.sheet(claim.sheet_id)
  local done = ENDS[kind] or function() return reached(task, phone, task.order_no, kind, o, sheet) end
  done(task, phone, task.order_no, made + 1, o, sheet)
  return kind
end

-- o = { tale, story, advisor?, leave, time, days }. One call, one transaction; nil if nobody is to be called.
function M.one(o)
  local task = next_task(o)
  return task and db.tx(function() return call(task, o) end)
end

return M
