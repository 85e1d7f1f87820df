-- Daily report 05 of one day, for one specialist or for all: header, bad contacts, minor issues.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local vault = require "host.vault"
local who = require "host.who"
local lists = require "complaint.lists"
local people = require "complaint.people"
local topics = require "complaint.topics"
local when = require "complaint.when"

local M = {}

M.REACHED = {
  OK_SAT = true, OK_DIS_FAQ = true, OK_DIS_MINOR = true, OK_DIS_SERIOUS = true, PARTIAL = true, LATER = true, REFUSED = true,
  NEVER = true, COMPLAINT = true, NOT_DRIVER = true,
}
local UNHAPPY = { OK_DIS_FAQ = true, OK_DIS_MINOR = true, OK_DIS_SERIOUS = true, COMPLAINT = true }

M.RESULT = {
  OK_SAT = { zh = "满意", en = "satisfied" },
  OK_DIS_FAQ = { zh = "不满意，已解答", en = "unhappy, solved on the phone" },
  OK_DIS_MINOR = { zh = "不满意，一般", en = "unhappy, minor" },
  OK_DIS_SERIOUS = { zh = "不满意，严重", en = "unhappy, serious" },
  PARTIAL = { zh = "中途挂断", en = "hung up midway" },
  LATER = { zh = "改约", en = "call later" },
  REFUSED = { zh = "拒绝回访", en = "refused" },
  NEVER = { zh = "要求不再来电", en = "never call again" },
  NO_ANSWER = { zh = "无人接听", en = "no answer" },
  BUSY = { zh = "占线", en = "busy" },
  OFF = { zh = "关机", en = "switched off" },
  OUT_OF_AREA = { zh = "不在服务区", en = "out of area" },
  EMPTY_NO = { zh = "空号", en = "no such number" },
  WRONG_PERSON = { zh = "号码错误", en = "wrong person" },
  STOPPED = { zh = "停机", en = "out of service" },
  NOT_DRIVER = { zh = "非用车人", en = "not the driver" },
  COMPLAINT = { zh = "正式投诉", en = "formal complaint" },
}

-- Every attempt of the day that was not undone, oldest first.
local function attempts_of(from, to, login)
  if login then
    return db.all([[SELECT task_id, result FROM call_attempt WHERE at >= ? AND at < ? AND undone_at IS NULL AND caller = ?
      ORDER BY at, id]], from, to, login)
  end
  return db.all("SELECT task_id, result FROM call_attempt WHERE at >= ? AND at < ? AND undone_at IS NULL ORDER BY at, id", from, to)
end

-- Calls that were on the list that day: due by then and not done before. Of one specialist: his own and those still free for anybody.
local function due_of(day, from, login)
  local row
  if login then
    row = db.one([[SELECT COUNT(*) AS n FROM call_task t WHERE t.due_on <= ? AND (t.closed_at IS NULL OR t.closed_at >= ?)
      AND (t.assigned_to = ? OR t.assigned_to IS NULL)]], day, from, login)
  else
    row = db.one("SELECT COUNT(*) AS n FROM call_task t WHERE t.due_on <= ? AND (t.closed_at IS NULL OR t.closed_at >= ?)", day, from)
  end
  return row.n
end

-- A task counts once, with its last result of the day.
local function header(day, login, fixes)
  local from, to = clock.at(day), clock.at(clock.add_days(day, 1))
  local last, tried, h = {}, 0, { reached = 0, satisfied = 0, unhappy = 0, refused = 0, later = 0 }
  for _, a in ipairs(attempts_of(from, to, login)) do
    if not last[a.task_id] then tried = tried + 1 end
    last[a.task_id] = a.result
  end
  for _, result in pairs(last) do
    if M.REACHED[result] then h.reached = h.reached + 1 end
    if result == "OK_SAT" then h.satisfied = h.satisfied + 1 end
    if UNHAPPY[result] then h.unhappy = h.unhappy + 1 end
    if result == "REFUSED" or result == "NEVER" then h.refused = h.refused + 1 end
    if result == "LATER" then h.later = h.later + 1 end
  end
  h.due, h.attempted, h.bad = due_of(day, from, login), tried, fixes
  return h
end

local VISIT = [[v.order_no, v.advisor AS visit_advisor, a.plate, c.name AS customer]]
local JOINS = [[ JOIN archive_visit v ON v.id = x.visit_id JOIN archive_vehicle a ON a.id = v.vehicle_id
  LEFT JOIN archive_customer c ON c.id = COALESCE(v.bringer_id, v.owner_id, v.contact_id) ]]

local function last_caller(login)
  return login and [[ AND EXISTS (SELECT 1 FROM call_attempt q WHERE q.task_id = f.task_id AND q.caller = ? AND q.undone_at IS NULL
    AND q.at <= f.opened_at)]] or ""
end

-- Tries and later results of all fixes of the day in one statement: a list must not ask line by line.
local function tries_of(day)
  local by = {}
  for _, t in ipairs(db.all([[SELECT q.task_id, q.at, q.result, p.number_mask FROM call_attempt q
      JOIN call_contact_fix f ON f.task_id = q.task_id AND f.day = ?
      LEFT JOIN archive_phone p ON p.id = q.phone_id WHERE q.undone_at IS NULL ORDER BY q.at, q.id]], day)) do
    by[t.task_id] = by[t.task_id] or {}
    table.insert(by[t.task_id], t)
  end
  return by
end

local function new_numbers(day)
  local by = {}
  for _, p in ipairs(db.all([[SELECT f.id AS fix, p.number_mask FROM call_contact_fix f JOIN call_task t ON t.id = f.task_id
      JOIN archive_visit v ON v.id = t.visit_id JOIN archive_phone p ON p.customer_id IN (v.bringer_id, v.owner_id, v.contact_id)
      WHERE f.day = ? AND p.created_at >= f.opened_at ORDER BY p.created_at, p.id]], day)) do
    by[p.fix] = p.number_mask
  end
  return by
end

local function result_words(code)
  return M.RESULT[code] or { zh = code, en = code }
end

local function reply_of(fix)
  return fix.reply_sealed and vault.open("call_contact_fix", "reply_sealed", fix.id, fix.reply_sealed) or fix.reply
end

local function bad_contacts(day, login, directory)
  local sql = "SELECT f.*, " .. VISIT .. [[ FROM call_contact_fix f JOIN call_task x ON x.id = f.task_id]] .. JOINS
    .. "WHERE f.day = ?" .. last_caller(login) .. " ORDER BY f.opened_at, f.id"
  local rows = login and db.all(sql, day, login) or db.all(sql, day)
  local tries, numbers, out = tries_of(day), new_numbers(day), json.array {}
  for i, f in ipairs(rows) do
    local tried, later = json.array {}, nil
    for _, t in ipairs(tries[f.task_id] or {}) do
      if t.at <= f.opened_at then
        tried[#tried + 1] = { number = t.number_mask or "—", at = when.short(t.at), result = result_words(t.result) }
      else
        later = { at = when.short(t.at), result = result_words(t.result) }
      end
    end
    out[i] = {
      seq = i, order_no = f.order_no, customer = f.customer and vault.mask("name", f.customer) or "—",
      plate = f.plate and vault.mask("plate", f.plate) or "—", tried = tried, reason = result_words(f.reason),
      advisor = f.advisor or f.visit_advisor or "—", reply = reply_of(f), replied = when.short(f.answered_at),
      replied_by = people.name(directory, f.answered_by), new_number = numbers[f.id], later = later,
    }
  end
  return out
end

local function last_recheck(day)
  local by = {}
  for _, e in ipairs(db.all([[SELECT e.minor_id, e.kind, e.at FROM complaint_minor_event e JOIN complaint_minor m ON m.id = e.minor_id
      WHERE m.day = ? AND e.kind <> 'reply' ORDER BY e.at, e.id]], day)) do
    by[e.minor_id] = e
  end
  return by
end

local RECHECK = {
  satisfied = { zh = "满意", en = "satisfied" },
  unsatisfied = { zh = "不满意", en = "not satisfied" },
  not_reached = { zh = "未接通", en = "not reached" },
}

local function minor_issues(day, login, directory)
  local sql = "SELECT x.*, " .. VISIT .. " FROM complaint_minor x" .. JOINS .. "WHERE x.day = ? AND x.withdrawn IS NULL"
    .. (login and " AND x.specialist = ?" or "") .. " ORDER BY x.id"
  local rows = login and db.all(sql, day, login) or db.all(sql, day)
  local checks, now, known, out = last_recheck(day), clock.now(), {}, json.array {}
  for i, m in ipairs(rows) do
    local check = checks[m.id]
    local waiting = not m.closed_at and not m.replied_at
    out[i] = {
      seq = i, id = m.id, order_no = m.order_no, customer = m.customer and vault.mask("name", m.customer) or "—",
      plate = m.plate and vault.mask("plate", m.plate) or "—",
      problem = lists.gist(vault.open("complaint_minor", "problem_sealed", m.id, m.problem_sealed), 200),
      topics = table.concat(topics.words(m.topics, m.sheet_id, known), ", "), advisor = m.advisor or "—",
      reply = m.reply_sealed and vault.open("complaint_minor", "reply_sealed", m.id, m.reply_sealed), replied = when.short(m.replied_at),
      replied_by = people.name(directory, m.replied_by), specialist = people.name(directory, m.specialist),
      check = check and RECHECK[check.kind], checked = check and when.short(check.at),
      closed = m.closed_at ~= nil and m.satisfied == 1, raised = m.form_id, open = m.closed_at == nil,
      limit = waiting and when.limit(m.answer_due, now, { zh = "顾问回复", en = "advisor's reply" }) or nil,
    }
  end
  return out
end

-- An advisor who is nothing else sees his own jobs only.
local function own(rows, actor)
  local out = json.array {}
  for _, row in ipairs(rows) do
    if people.is_advisor_of(row.advisor, actor) then out[#out + 1] = row end
  end
  return out
end

-- login nil: all specialists.
function M.report(day, login)
  local directory = people.directory()
  local bad, minor = bad_contacts(day, login, directory), minor_issues(day, login, directory)
  if not who.has("specialist", "supervisor", "director", "general-manager", "it") then
    bad, minor = own(bad, who.actor()), own(minor, who.actor())
  end
  return {
    day = day, header = header(day, login, #bad), bad = bad, minors = minor,
    specialist = login and people.name(directory, login), login = login, printed_at = when.full(clock.now()),
  }
end

return M
