-- The lists a specialist works from, and the numbers on their badges. A list is one statement; what a row needs beside it (who claims it, by
-- what right it is red) is reckoned from the row. A specialist sees his own work and the pool that nobody has begun.

local db = require "host.db"
local clock = require "host.clock"
local vault = require "host.vault"
local json = require "host.json"
local settings = require "host.settings"
local who = require "host.who"

local M = {}

local FROM = [[
  FROM call_task t JOIN archive_visit v ON v.id = t.visit_id JOIN archive_vehicle x ON x.id = v.vehicle_id
    LEFT JOIN archive_customer o ON o.id = v.owner_id
    LEFT JOIN archive_customer b ON b.id = v.bringer_id
    LEFT JOIN archive_customer c ON c.id = v.contact_id
    LEFT JOIN call_contact_fix f ON f.task_id = t.id AND f.closed_at IS NULL]]

local COLUMNS = [[t.id, t.no, t.due_on, t.state, t.promised_at, t.not_before, t.attempts, t.assigned_to, t.claimed_by, t.claimed_until,
  t.first_attempt_at, t.visit_id, t.reason_zh, t.reason_en, t.rule, v.order_no, v.settled_on, v.picked_up_on, v.advisor, v.preferred_time, v.kind,
  x.plate, x.series, x.model, COALESCE(b.name, o.name, c.name) AS customer, f.id AS fix_id, f.answer_due, f.answered_at, f.reason AS fix_reason]]

-- Conditions with their parameters; `now` and `today` are those of one moment for a whole page.
local function conditions(m)
  return {
    due = { "t.state = 'open' AND t.due_on <= ? AND (t.not_before IS NULL OR t.not_before < ?)", m.today, m.tomorrow },
    overdue = { [[((t.state = 'open' AND t.due_on < ? AND t.first_attempt_at IS NULL AND (t.not_before IS NULL OR t.not_before < ?))
                   OR (t.state = 'promised' AND t.promised_at < ?))]], m.today, m.tomorrow, m.now },
    promised = { "t.state = 'promised'" },
    contact = { "t.state = 'contact_fix'" },
  }
end

-- Of calls that can be made now, which comes first: the list and the next call go by the same order.
local FIRST = "t.due_on, COALESCE(t.not_before, 0), t.attempts, COALESCE(v.preferred_time, '~'), t.no"

local ORDER = {
  due = "CASE WHEN t.not_before > ? THEN 1 ELSE 0 END, " .. FIRST,
  overdue = "COALESCE(t.promised_at, 0), t.due_on, t.no",
  promised = "t.promised_at NULLS FIRST, t.no",
  contact = "f.answer_due, t.no",
}

M.TABS = { "due", "overdue", "promised", "second", "contact" }

function M.moment()
  local now = clock.now()
  local today = clock.split(now)
  return { now = now, today = today, tomorrow = clock.at(clock.add_days(today, 1)), start = clock.at(today) }
end

-- login nil: everybody's.
local function mine(login)
  if not login then return "1 = 1", {} end
  return "(t.assigned_to IS NULL OR t.assigned_to = ?)", { login }
end

local function where(tab, login, m)
  local condition = conditions(m)[tab]
  local who_sql, args = mine(login)
  for i = 2, #condition do args[#args + 1] = condition[i] end
  return (" WHERE %s AND %s"):format(who_sql, condition[1]), args
end

function M.count(tab, login, m)
  local sql, args = where(tab, login, m or M.moment())
  return db.one("SELECT COUNT(*) AS n FROM call_task t" .. sql, table.unpack(args)).n
end

local function hm(ms) return (select(2, clock.split(ms))) end

local function shown(row, m, known)
  local claimed = row.claimed_by and row.claimed_until > m.now
  row.customer = row.customer and vault.mask("name", row.customer) or "—"
  row.plate = row.plate and vault.mask("plate", row.plate)
  row.claimed = claimed and { by = known[row.claimed_by] or row.claimed_by, login = row.claimed_by, till = hm(row.claimed_until) } or nil
  row.overdue = row.state == "open" and row.due_on < m.today and not row.first_attempt_at
  row.overdue_days = row.overdue and clock.days_between(row.due_on, m.today) or nil
  if row.promised_at then
    row.promised_day, row.promised_hm = clock.split(row.promised_at)
    row.promise_today, row.promise_late = row.promised_day == m.today, row.promised_at < m.now
  end
  row.later = row.not_before and row.not_before > m.now and hm(row.not_before) or nil
  row.again = row.attempts > 0 and row.attempts + 1 or nil
  row.assigned_name = row.assigned_to and (known[row.assigned_to] or row.assigned_to)
  if row.answer_due then
    row.answer_day, row.answer_hm = clock.split(row.answer_due)
    row.answer_late = not row.answered_at and row.answer_due < m.now
  end
  return row
end

-- One page of a tab: { rows, total, page, pages }.
function M.list(tab, login, page, m)
  m = m or M.moment()
  local size, sql, args = settings.get().page_size, where(tab, login, m)
  local total = M.count(tab, login, m)
  local pages = math.max(1, (total + size - 1) // size)
  page = math.min(math.max(page, 1), pages)
  if tab == "due" then args[#args + 1] = m.now end -- what cannot be tried yet stands below what can
  args[#args + 1], args[#args + 2] = size, (page - 1) * size
  local rows = db.all(("SELECT %s %s %s ORDER BY %s LIMIT ? OFFSET ?"):format(COLUMNS, FROM, sql, ORDER[tab]), table.unpack(args))
  local known = who.names()
  for _, row in ipairs(rows) do shown(row, m, known) end
  return { rows = json.array(rows), total = total, page = page, pages = pages }
end

-- Lines of the contact-data list that wait for this person: an advisor's own, else those of the calls he sees.
local function fixes(login, m)
  local me = who.actor()
  if me.login ~= login or not who.has "advisor" or who.has("specialist", "supervisor", "director") then return M.count("contact", login, m) end
  return db.one("SELECT COUNT(*) AS n FROM call_contact_fix WHERE closed_at IS NULL AND advisor IN (?, ?)", me.name, me.login).n
end

-- Whether this person looks at everybody's calls: who answers for others and makes none himself.
function M.looks_at_all()
  return who.has("supervisor", "director", "general-manager") and not who.has "specialist"
end

-- Badges and tabs, as this person's list shows them. due holds the overdue ones too: it is what is to be called now.
function M.tallies(login)
  local m, whose = M.moment(), login
  if require("host.who").actor().login == login and M.looks_at_all() then whose = nil end
  return { due = M.count("due", whose, m), overdue = M.count("overdue", whose, m), promised = M.count("promised", whose, m),
           second = #require("complaint").second_calls(whose), contact_fix = fixes(whose, m) }
end

-- The day so far: { done, reached, target }.
function M.day_score(login, m)
  local row = db.one([[SELECT COUNT(*) AS done, COALESCE(SUM(CASE WHEN s.closed_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS reached
      FROM call_task t LEFT JOIN survey_sheet s ON s.id = t.sheet_id
      WHERE t.state = 'done' AND t.closed_at >= ? AND t.assigned_to = ?]], m.start, login)
  row.target = row.done + M.count("due", login, m)
  return row
end

-- The next one to call: a promise whose time has come, then as the list has it; none that a colleague has open.
function M.next(login, after)
  local m = M.moment()
  local row = db.one([[SELECT t.id FROM call_task t JOIN archive_visit v ON v.id = t.visit_id
      WHERE (t.assigned_to IS NULL OR t.assigned_to = ?) AND t.id <> ?
        AND (t.claimed_by IS NULL OR t.claimed_by = ? OR t.claimed_until <= ?)
        AND ((t.state = 'promised' AND t.promised_at <= ?)
          OR (t.state = 'open' AND t.due_on <= ? AND (t.not_before IS NULL OR t.not_before <= ?)))
      ORDER BY CASE WHEN t.state = 'promised' THEN 0 ELSE 1 END, ]] .. FIRST .. " LIMIT 1",
    login, after or 0, login, m.now, m.now, m.today, m.now)
  return row and row.id
end

-- Promises of this specialist whose time is near or past.
function M.reminders(login)
  local m, o = M.moment(), settings.get()
  local rows = db.all(("SELECT %s %s WHERE t.state = 'promised' AND t.assigned_to = ? AND t.promised_at <= ? ORDER BY t.promised_at LIMIT 5")
    :format(COLUMNS, FROM), login, m.now + o.remind_minutes * 60000)
  local known = who.names()
  for _, row in ipairs(rows) do shown(row, m, known) end
  return json.array(rows)
end

-- For the card page: tasks of a visit with their attempts.
function M.for_visit(visit_id)
  local tasks = db.all([[SELECT id, no, questionnaire, due_on, state, result, attempts, assigned_to, promised_at, closed_at, decision_id, rule,
      reason_zh, reason_en, sheet_id FROM call_task WHERE visit_id = ? ORDER BY made_at]], visit_id)
  for _, task in ipairs(tasks) do task.history = M.attempts(task.id) end
  return tasks
end

-- Of these visits, what their calls came to: visit id -> { result, day }.
function M.results_of(visit_ids)
  local map = {}
  if #visit_ids == 0 then return map end
  local marks = ("?, "):rep(#visit_ids - 1) .. "?"
  for _, row in ipairs(db.all(("SELECT visit_id, result, closed_at FROM call_task WHERE state = 'done' AND visit_id IN (%s)"):format(marks),
      table.unpack(visit_ids))) do
    map[row.visit_id] = { result = row.result, day = (clock.split(row.closed_at)) }
  end
  return map
end

function M.exclusions_of(visit_id)
  return db.all("SELECT questionnaire, rule, kind, reason_zh, reason_en, decision_id, at FROM call_exclusion WHERE visit_id = ?", visit_id)
end

function M.attempts(task_id)
  local rows = db.all([[SELECT id, at, caller, phone_id, result, counts, promised_at, note_sealed, undone_at FROM call_attempt
      WHERE task_id = ? ORDER BY at DESC, id DESC]], task_id)
  for _, row in ipairs(rows) do
    row.note = vault.open("call_attempt", "note_sealed", row.id, row.note_sealed)
    row.note_sealed = nil
    row.undone = row.undone_at ~= nil
  end
  return rows
end

-- What was changed after the end, the latest first: { at, actor, reason, to = the result it got, or nil where it was opened again }.
function M.corrections(task_id)
  local rows = db.all("SELECT id, at, actor, reason, reason_sealed, after FROM call_correction WHERE task_id = ? ORDER BY at DESC, id DESC", task_id)
  for _, row in ipairs(rows) do
    row.reason = row.reason_sealed and vault.open("call_correction", "reason_sealed", row.id, row.reason_sealed) or row.reason
    row.to = json.decode(row.after).result
    row.reason_sealed, row.after = nil, nil
  end
  return rows
end

-- A dictionary number of the dealer system that nobody translated.
function M.bare_code(kind) return kind:find "^%d+$" ~= nil end

-- The work as a person reads it; a bare number is said to be one.
function M.work_shown(kind)
  if not kind then return "—" end
  if not M.bare_code(kind) then return kind end
  return { zh = ("维修保养（代码 %s）"):format(kind), en = ("service (code %s)"):format(kind) }
end

return M
