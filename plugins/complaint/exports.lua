-- What other plugins may call. Arguments and results are plain data. The acts of a form or an issue ask for the role that their page asks
-- for, because a caller may bring any actor.
local archive = require "archive"
local clock = require "host.clock"
local db = require "host.db"
local forms = require "complaint.forms"
local judge = require "complaint.judge"
local minors = require "complaint.minors"
local states = require "complaint.states"
local tally = require "complaint.tally"
local who = require "host.who"
local words = require "complaint.words"

local M = {}

local function need(...)
  if who.has(...) then return end
  error({ zh = "您没有这项操作的权限，请找主管。", en = "You have no right to do that; ask the supervisor." }, 0)
end

local function case_of(c)
  local problem = words.trim(c.problem or "")
  if problem == "" then
    error({ zh = "请写下客户的问题。", en = "Write down what the customer is unhappy with." }, 0)
  end
  return {
    visit_id = c.visit_id, person = archive.person_of(c.visit_id), task_id = c.task_id, sheet_id = c.sheet_id, source = c.source or "phone-service", problem = problem,
    topics = c.topics or {}, department = c.department or "service", facts = c.facts, wanted = c.wanted, accused = c.accused,
    specialist = c.specialist,
  }
end

-- The severity rules decide; `wanted` raises to serious, never lowers what they call serious. Solved on the phone (wanted = "faq") and not
-- serious: the decision is recorded, nothing else is written, kind is "faq" and there is no id.
function M.unhappy(c)
  local case = case_of(c)
  return db.tx(function()
    local verdict = judge.decide(case)
    local out = { kind = verdict.level, rule = verdict.rule, because = verdict.because, decision = verdict.decision }
    if verdict.level == "serious" then
      out.id, out.no = forms.open(case, verdict)
    elseif verdict.level == "minor" then
      out.id = minors.open(case, verdict)
    end
    return out
  end)
end

-- Takes back what unhappy made, as long as nobody answered: { kind, id, reason }.
function M.withdraw(o)
  if o.kind == "serious" then return forms.withdraw(o.id, o.reason) end
  if o.kind == "minor" then return minors.withdraw(o.id, o.reason) end
end

-- Supervisor: everything open of one specialist goes to another: { from, to } -> { forms, minors }.
function M.move(o)
  return db.tx(function()
    local ids = {}
    for i, form in ipairs(db.all("SELECT id FROM complaint_form WHERE specialist = ? AND state <> 'closed' ORDER BY id", o.from)) do
      ids[i] = form.id
    end
    local minor = minors.move(o.from, o.to)
    return { forms = #ids > 0 and forms.move(ids, o.to) or 0, minors = minor }
  end)
end

function M.for_visit(visit_id)
  local out = db.all([[SELECT id, no, state, round, opened_at, answer_due, satisfied, withdrawn FROM complaint_form
    WHERE visit_id = ? ORDER BY opened_at DESC]], visit_id)
  for _, form in ipairs(out) do form.state_title = states.title[form.state] end
  return out
end

-- Answered forms that wait for their second call; login nil: everybody's.
function M.second_calls(login)
  return db.all([[SELECT f.id, f.no, f.visit_id, f.round, f.recheck_due, f.specialist, a.answered_by FROM complaint_form f
    JOIN complaint_answer a ON a.form_id = f.id AND a.round = f.round
    WHERE f.state = 'answered' AND f.specialist = COALESCE(?, f.specialist) ORDER BY f.recheck_due NULLS FIRST, f.id]], login)
end

function M.tallies(login)
  return tally.of(login, clock.now())
end

-- The department's answer, by whom the form went to or his deputy: a = { round, cause, action, told_day?, told_time? }.
function M.answer(form_id, a) return forms.answer(form_id, a) end

-- The second call, by the form's own specialist: r = { round, result = "satisfied"|"unsatisfied"|"not_reached", remark? } -> the state.
function M.recheck(form_id, r)
  need "specialist"
  forms.claim(form_id)
  return forms.recheck(form_id, r)
end

-- The supervisor's decision where the rounds are used up: "sign" | "again" | "recall".
function M.sign(form_id, decision, note) return forms.sign(form_id, decision, note) end

-- A minor issue: the advisor's reply, and the call after it -> the id of the form it became, or nil.
function M.minor_reply(minor_id, reply)
  need("specialist", "supervisor", "advisor")
  return minors.reply(minor_id, reply)
end

function M.minor_recheck(minor_id, result, remark)
  need("specialist", "supervisor")
  return minors.recheck(minor_id, result, remark)
end

return M
