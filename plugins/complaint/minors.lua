-- Minor issues, block 2 of daily report 05: the advisor replies within one working day, the next day the same specialist calls again, until
-- the customer is satisfied. Not satisfied after the last round: it is a tracking form from then on, whatever the rules said.
local calendar = require "host.calendar"
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local settings = require "host.settings"
local vault = require "host.vault"
local who = require "host.who"
local forms = require "complaint.forms"
local notify = require "complaint.notify"
local people = require "complaint.people"
local trim = require("complaint.words").trim

local M = {}

function M.get(id)
  local minor = db.one("SELECT * FROM complaint_minor WHERE id = ?", id)
  if minor then return minor end
  error({ zh = "没有这条一般问题。", en = "There is no such minor issue." }, 0)
end

local function limit(from)
  local o = settings.get()
  return calendar.due { from = from, workdays = o.answer_days, cutoff = o.cutoff, close = o.close }.at
end

local function the_visit(id)
  return db.one([[SELECT v.advisor, a.plate FROM archive_visit v JOIN archive_vehicle a ON a.id = v.vehicle_id WHERE v.id = ?]], id)
end

function M.open(case, verdict)
  local now, id = clock.now(), db.id()
  local visit = the_visit(case.visit_id)
  if not visit then
    error({ zh = "没有这张工单，不能登记问题。", en = "There is no such work order, so no issue can be written for it." }, 0)
  end
  local minor = { id = id, round = 1, advisor = visit.advisor, answer_due = limit(now) }
  db.run([[INSERT INTO complaint_minor (id, day, visit_id, person_id, task_id, sheet_id, specialist, advisor, problem_sealed, topics, round,
      answer_due, decision_id, rule) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)]],
    id, (clock.split(now)), case.visit_id, case.person, case.task_id, case.sheet_id, case.specialist or who.actor().login, visit.advisor,
    vault.seal("complaint_minor", "problem_sealed", id, case.problem, case.person), json.encode(json.array(case.topics)), minor.answer_due,
    verdict.decision, verdict.rule)
  notify.minor(minor, visit)
  return id
end

-- waiting: for the reply · recheck: for the second call · closed
function M.state(minor)
  if minor.closed_at then return "closed" end
  return minor.replied_at and "recheck" or "waiting"
end

local function expect(minor, state)
  if M.state(minor) == state then return end
  error({
    zh = "这条问题的情况刚刚有变化，请刷新页面。",
    en = "This issue has changed in the meantime; reload the page.",
  }, 0)
end

local function event(minor, kind, words)
  local id = db.id()
  db.run("INSERT INTO complaint_minor_event (id, minor_id, round, at, actor, kind, text_sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
    id, minor.id, minor.round, clock.now(), who.actor().login, kind,
    words ~= "" and vault.seal("complaint_minor_event", "text_sealed", id, words, minor.person_id) or nil)
end

-- The advisor himself, or who wrote down what he said.
function M.may_reply(minor, actor)
  return minor.specialist == actor.login or who.has("supervisor") or people.is_advisor_of(minor.advisor, actor)
end

function M.reply(id, words)
  words = trim(words or "")
  if words == "" then error({ zh = "请写明回复内容。", en = "Please write the reply." }, 0) end
  return db.tx(function()
    local minor, actor, now = M.get(id), who.actor(), clock.now()
    if not M.may_reply(minor, actor) then
      error({ zh = "这条问题由该工单的服务顾问回复。", en = "The advisor of that job replies to this issue." }, 0)
    end
    expect(minor, "waiting")
    db.run("UPDATE complaint_minor SET reply_sealed = ?, replied_at = ?, replied_by = ?, recheck_on = ? WHERE id = ?",
      vault.seal("complaint_minor", "reply_sealed", id, words, minor.person_id), now, actor.login, clock.add_days((clock.split(now)), 1), id)
    event(minor, "reply", words)
  end)
end

local function problem_of(minor)
  return vault.open("complaint_minor", "problem_sealed", minor.id, minor.problem_sealed)
end

-- Inside a transaction. The decision that called it minor stays; the rule says who raised it and why.
local function raise(minor, rule, words)
  local problem = problem_of(minor)
  if words ~= "" then problem = problem .. "\n" .. words end
  local form = forms.open({
    visit_id = minor.visit_id, person = minor.person_id, task_id = minor.task_id, sheet_id = minor.sheet_id, source = "minor", problem = problem,
    topics = json.decode(minor.topics), department = "service", specialist = minor.specialist,
  }, { decision = minor.decision_id, rule = rule })
  db.run("UPDATE complaint_minor SET form_id = ?, closed_at = ?, satisfied = 0 WHERE id = ?", form, clock.now(), minor.id)
  return form
end

local function check_specialist(minor, actor)
  if minor.specialist == actor.login or who.has("supervisor") then return end
  error({
    zh = "二次回访由登记问题的专员进行。主管可以移交。",
    en = "The specialist who wrote the issue makes the second call. The supervisor can hand it over.",
  }, 0)
end

local after = {}
function after.satisfied(minor, now)
  db.run("UPDATE complaint_minor SET satisfied = 1, closed_at = ? WHERE id = ?", now, minor.id)
end
function after.unsatisfied(minor, now, words)
  if minor.round >= settings.get().rounds then return raise(minor, "rounds", words) end
  minor.round, minor.answer_due = minor.round + 1, limit(now)
  db.run([[UPDATE complaint_minor SET round = ?, answer_due = ?, reply_sealed = NULL, replied_at = NULL, replied_by = NULL,
    recheck_on = NULL WHERE id = ?]], minor.round, minor.answer_due, minor.id)
  notify.minor(minor, the_visit(minor.visit_id))
end
function after.not_reached(minor, now)
  db.run("UPDATE complaint_minor SET recheck_on = ? WHERE id = ?", clock.add_days((clock.split(now)), 1), minor.id)
end

-- Returns the id of the form it became, or nil.
function M.recheck(id, result, words)
  if not after[result] then
    error({ zh = "请选择：满意、不满意或未接通。", en = "Choose satisfied, not satisfied or not reached." }, 0)
  end
  words = trim(words or "")
  return db.tx(function()
    local minor = M.get(id)
    check_specialist(minor, who.actor())
    expect(minor, "recheck")
    event(minor, result, words)
    return after[result](minor, clock.now(), words)
  end)
end

-- By hand: it turned out to be serious.
function M.raise(id, words)
  return db.tx(function()
    local minor = M.get(id)
    check_specialist(minor, who.actor())
    if minor.closed_at then expect(minor, "waiting") end
    return raise(minor, "raised", trim(words or ""))
  end)
end

function M.withdraw(id, reason)
  return db.tx(function()
    local minor = M.get(id)
    check_specialist(minor, who.actor())
    expect(minor, "waiting")
    db.run("UPDATE complaint_minor SET withdrawn = '—', withdrawn_sealed = ?, closed_at = ? WHERE id = ?",
      vault.seal("complaint_minor", "withdrawn_sealed", id, reason, minor.person_id), clock.now(), id)
  end)
end

function M.move(from, to)
  if not who.has("supervisor") then
    error({ zh = "只有主管可以移交。", en = "Only the supervisor can hand work over." }, 0)
  end
  people.specialist(to)
  return db.run("UPDATE complaint_minor SET specialist = ? WHERE specialist = ? AND closed_at IS NULL", to, from)
end

return M
