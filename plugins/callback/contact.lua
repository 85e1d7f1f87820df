-- The contact-data list (05, block 1): no good number is left, or three attempts failed. The advisor who received the customer answers within
-- one working day; the next day the same specialist calls again. How the deadline was reckoned is the calendar's.

local db = require "host.db"
local calendar = require "host.calendar"
local clock = require "host.clock"
local settings = require "host.settings"
local json = require "host.json"
local vault = require "host.vault"
local who = require "host.who"
local archive = require "archive"
local machine = require "callback.machine"

local M = {}

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

function M.open(task, reason, now)
  local visit = db.one("SELECT advisor FROM archive_visit WHERE id = ?", task.visit_id)
  local o = settings.get()
  local due = calendar.due { from = now, workdays = 1, cutoff = o.cutoff, close = o.close }
  local id = db.id()
  db.run([[INSERT INTO call_contact_fix (id, task_id, day, reason, advisor, answer_due, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)]],
    id, task.id, (clock.split(now)), reason, visit and visit.advisor, due.at, now)
  return id
end

-- For undo: as if it had never been opened.
function M.withdraw(id)
  local fix = db.one("SELECT answered_at FROM call_contact_fix WHERE id = ?", id)
  if fix and fix.answered_at then
    refuse("服务顾问已经答复，不能撤销。", "The advisor has answered already, so it cannot be undone.")
  end
  db.run("DELETE FROM call_contact_fix WHERE id = ?", id)
end

-- The customer was reached after all (he rang back): the open line needs no answer any more. Returns its id, for undo.
function M.settle(task, now)
  local fix = db.one("SELECT id FROM call_contact_fix WHERE task_id = ? AND closed_at IS NULL", task.id)
  if not fix then return nil end
  db.run("UPDATE call_contact_fix SET closed_at = ? WHERE id = ?", now, fix.id)
  return fix.id
end

function M.unsettle(id)
  db.run("UPDATE call_contact_fix SET closed_at = NULL WHERE id = ? AND answered_at IS NULL", id)
end

local function is_own(fix)
  local me = who.actor()
  return fix.advisor == me.name or fix.advisor == me.login
end

local function the_fix(id)
  local fix = db.one([[SELECT f.*, t.state, t.visit_id FROM call_contact_fix f JOIN call_task t ON t.id = f.task_id WHERE f.id = ?]], id)
  if not fix then refuse("没有这条记录，请回到清单。", "There is no such line; go back to the list.") end
  if fix.closed_at then refuse("这条已经答复过了。", "This line has been answered already.") end
  if not is_own(fix) and not who.has("specialist", "supervisor", "director") then
    refuse("只能答复自己接待的客户。", "You can only answer for your own customers.")
  end
  return fix
end

local function person_on(visit_id, customer_id)
  local row = db.one([[SELECT COALESCE(bringer_id, owner_id, contact_id) AS first FROM archive_visit
      WHERE id = ? AND (? IS NULL OR ? IN (bringer_id, owner_id, contact_id))]], visit_id, customer_id, customer_id)
  if not row then refuse("这个人不在这张工单上。", "This person is not on this work order.") end
  return customer_id or row.first
end

local function close_fix(fix, o, now, next_on)
  db.run([[UPDATE call_contact_fix SET answered_at = ?, answered_by = ?, reply_sealed = ?, next_call_on = ?, closed_at = ? WHERE id = ? AND closed_at IS NULL]],
    now, who.actor().login, vault.seal("call_contact_fix", "reply_sealed", fix.id, o.reply, archive.person_of(fix.visit_id)), next_on, now, fix.id)
end

local function call_again(fix, now)
  local next_on = clock.add_days(clock.split(now), 1)
  local state = machine.after(fix.state, "fixed")
  db.run([[UPDATE call_task SET state = ?, attempts = 0, not_before = ?, promised_at = NULL WHERE id = ? AND state = ?]],
    state, clock.at(next_on), fix.task_id, fix.state)
  return next_on
end

-- What the calls of this task took for bad is good: the advisor has said so.
local function trust_numbers(fix)
  for _, row in ipairs(db.all([[SELECT DISTINCT p.id FROM call_attempt a JOIN archive_phone p ON p.id = a.phone_id
      WHERE a.task_id = ? AND a.undone_at IS NULL AND p.state = 'bad']], fix.task_id)) do
    archive.phone_state(row.id, "ok")
  end
end

local function give_up(fix, now)
  local state = machine.after(fix.state, "close")
  db.run("UPDATE call_task SET state = ?, result = 'UNREACHABLE', closed_at = ? WHERE id = ? AND state = ?", state, now, fix.task_id, fix.state)
end

-- o = { what = "number"|"same"|"none", number?, customer?, reply? }: a new number, the old one is right after all, or there is none.
function M.answer(id, o)
  return db.tx(function()
    local fix, now, next_on = the_fix(id), clock.now(), nil
    if o.what == "number" then
      local customer = person_on(fix.visit_id, o.customer)
      if not customer then refuse("这张工单上没有登记任何人，无法记下号码。", "Nobody is on this work order, so there is nobody to give the number to.") end
      archive.add_number(customer, o.number or "", "advisor")
      next_on = call_again(fix, now)
    elseif o.what == "same" then
      trust_numbers(fix)
      next_on = call_again(fix, now)
    elseif o.what == "none" then
      give_up(fix, now)
    else
      refuse("请选择答复内容。", "Choose what the answer is.")
    end
    close_fix(fix, o, now, next_on)
    return { next_call_on = next_on }
  end)
end

local REASON = { NO_ANSWER = true, BUSY = true, OFF = true, OUT_OF_AREA = true }

local function numbers_tried(task_ids)
  local map = {}
  if #task_ids == 0 then return map end
  local marks = ("?, "):rep(#task_ids - 1) .. "?"
  for _, row in ipairs(db.all(([[SELECT a.task_id, p.number_mask, COUNT(*) AS n FROM call_attempt a JOIN archive_phone p ON p.id = a.phone_id
      WHERE a.undone_at IS NULL AND a.task_id IN (%s) GROUP BY a.task_id, p.number_mask ORDER BY p.number_mask]]):format(marks),
      table.unpack(task_ids))) do
    map[row.task_id] = map[row.task_id] or {}
    table.insert(map[row.task_id], ("%s ×%d"):format(row.number_mask, row.n))
  end
  return map
end

local QUERY = [[SELECT f.id, f.task_id, f.reason, f.advisor, f.answer_due, f.opened_at, f.day, f.closed_at, f.answered_by, f.next_call_on,
    t.visit_id, v.order_no, x.plate, COALESCE(b.name, o.name, c.name) AS customer, t.no
  FROM call_contact_fix f JOIN call_task t ON t.id = f.task_id JOIN archive_visit v ON v.id = t.visit_id JOIN archive_vehicle x ON x.id = v.vehicle_id
    LEFT JOIN archive_customer o ON o.id = v.owner_id LEFT JOIN archive_customer b ON b.id = v.bringer_id LEFT JOIN archive_customer c ON c.id = v.contact_id
  WHERE %s ORDER BY f.answer_due, f.id LIMIT 200]]

local function shown(row, now, tried)
  row.customer = row.customer and vault.mask("name", row.customer) or "—"
  row.plate = row.plate and vault.mask("plate", row.plate)
  row.due_day, row.due_hm = clock.split(row.answer_due)
  row.late = not row.closed_at and row.answer_due < now
  row.failed = REASON[row.reason] == true
  row.tried = table.concat(tried[row.task_id] or {}, "、")
  row.advisor = row.advisor or "—"
  return row
end

-- Open lines; an advisor sees his own.
function M.list()
  local me = who.actor()
  local rows
  if who.has("specialist", "supervisor", "director", "general-manager") then
    rows = db.all(QUERY:format "f.closed_at IS NULL")
  else
    rows = db.all(QUERY:format "f.closed_at IS NULL AND f.advisor IN (?, ?)", me.name, me.login)
  end
  local ids = {}
  for i, row in ipairs(rows) do ids[i] = row.task_id end
  local now, tried = clock.now(), numbers_tried(ids)
  for _, row in ipairs(rows) do shown(row, now, tried) end
  return json.array(rows)
end

return M
