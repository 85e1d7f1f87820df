-- One form or minor issue as a page shows it: header with clock, history round by round, how the deadline was reckoned, what comes next.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local vault = require "host.vault"
local who = require "host.who"
local archive = require "archive"
local forms = require "complaint.forms"
local lists = require "complaint.lists"
local minors = require "complaint.minors"
local people = require "complaint.people"
local states = require "complaint.states"
local topics = require "complaint.topics"
local when = require "complaint.when"
local why = require "complaint.why"

local M = {}

local RESULT = {
  satisfied = { zh = "满意", en = "satisfied" },
  unsatisfied = { zh = "不满意", en = "not satisfied" },
  not_reached = { zh = "未接通", en = "not reached" },
}

local SIGN_REASON = {
  rounds = { zh = "已满规定轮次，客户仍不满意", en = "The last round is over and the customer is still not satisfied" },
  unreached = { zh = "二次回访多次未接通", en = "The customer could not be reached for the second call" },
}

local SOURCE = {
  ["phone-service"] = { zh = "售后电话回访", en = "After-service call" },
  minor = { zh = "日报一般问题升级", en = "Raised from a minor issue" },
}

local function open(tbl, column, row)
  return row[column] and vault.open(tbl, column, row.id, row[column])
end

local function answer_view(a, directory)
  return {
    cause = open("complaint_answer", "cause_sealed", a), action = open("complaint_answer", "action_sealed", a),
    at = when.full(a.answered_at), by = people.name(directory, a.answered_by), told = when.full(a.told_at),
    on_time = a.on_time == 1, late = a.on_time ~= 1,
  }
end

local function recheck_view(r, directory)
  return {
    at = when.full(r.at), by = people.name(directory, r.caller), result = RESULT[r.result], ["is_" .. r.result] = true,
    remark = open("complaint_recheck", "remark_sealed", r),
  }
end

-- Per round: when sent, until when, how that was reckoned, the answer, the second calls.
local function rounds(form, directory)
  local by, out = {}, {}
  for _, r in ipairs(json.decode(form.reckoning)) do
    local at = { round = r.round, from = when.full(r.from), due = when.full(r.due), steps = r.steps, rechecks = json.array {} }
    by[r.round] = at
    out[#out + 1] = at
  end
  for _, a in ipairs(db.all("SELECT * FROM complaint_answer WHERE form_id = ? ORDER BY round", form.id)) do
    if by[a.round] then by[a.round].answer = answer_view(a, directory) end
  end
  for _, r in ipairs(db.all("SELECT * FROM complaint_recheck WHERE form_id = ? ORDER BY at, id", form.id)) do
    local at = by[r.round]
    if at then at.rechecks[#at.rechecks + 1] = recheck_view(r, directory) end
  end
  if #out > 0 then out[#out].present = form.state ~= "closed" end
  return out
end

-- The missing step is named, for the reader and for everyone else.
local function next_step(form, directory)
  local deputy = form.director and people.deputy(form.director, clock.today())
  local answerer = people.name(directory, form.director) or "—"
  if deputy then answerer = answerer .. " / " .. people.name(directory, deputy) end
  local specialist = people.name(directory, form.specialist)
  local step = {
    open = { zh = "下一步：" .. specialist .. "送出跟踪单", en = "Next: " .. specialist .. " sends the form" },
    sent = { zh = "下一步：" .. answerer .. "答复", en = "Next: " .. answerer .. " answers" },
    answered = {
      zh = "下一步：" .. specialist .. "进行二次回访。客户满意后才能结案。",
      en = "Next: " .. specialist .. " makes the second call. It closes only when the customer is satisfied.",
    },
    to_sign = { zh = "下一步：主管签字或退回", en = "Next: the supervisor signs or sends it back" },
  }
  return step[form.state]
end

local function stage(limit, from, now)
  if not limit then return nil end
  local whole = math.max(limit.due - from, 1)
  limit.max, limit.done = whole // 60000, math.min(math.max(now - from, 0), whole) // 60000
  limit.calm = not limit.overdue and not limit.soon
  return limit
end

-- Names stand in full for those who deal with the customer, masked for the others (domain P).
function M.sees_name(form)
  local actor = who.actor()
  return who.has("supervisor") or form.specialist == actor.login or people.may_answer(form, actor)
end

local function card_view(visit_id, full)
  local card = archive.card(visit_id)
  local v, person = card.visit, card.people[1]
  local name = person and person.name
  return {
    visit_id = visit_id, order_no = v.order_no, kind = v.kind, settled = v.settled_on, picked_up = v.picked_up_on, advisor = v.advisor,
    technician = v.technician, km = v.km, model = card.vehicle.model or card.vehicle.series,
    plate = card.vehicle.plate and (full and card.vehicle.plate or vault.mask("plate", card.vehicle.plate)),
    vin = card.vehicle.vin and (full and card.vehicle.vin or vault.mask("vin", card.vehicle.vin)),
    customer = name and (full and name or vault.mask("name", name)),
    phone = person and person.phones[1] and person.phones[1].mask,
    linked = who.has("specialist", "supervisor", "director", "general-manager") or v.advisor == who.actor().name,
  }, card
end

function M.form(id)
  local form, now, directory = forms.get(id), clock.now(), people.directory()
  local actor = who.actor()
  people.refuse_stranger(form, actor)
  local due = ({ open = form.send_by, sent = form.answer_due, answered = form.recheck_due })[form.state]
  local limit = stage(lists.limit_of({ state = form.state, due = due }, now), form.sent_at or form.opened_at, now)
  local card = card_view(form.visit_id, M.sees_name(form))
  local caller = form.specialist == actor.login and not people.is_accused(people.accused(form), actor)
  return {
    id = id, no = form.no, round = form.round, of_rounds = require("host.settings").get().rounds, state = form.state,
    state_title = states.title[form.state], ["is_" .. form.state] = true, card = card, limit = limit,
    source = SOURCE[form.source] or { zh = form.source, en = form.source },
    department = people.department_title(form.department), specialist = people.name(directory, form.specialist),
    director = people.name(directory, form.director) or "—", no_answerer = form.director == nil,
    problem = open("complaint_form", "problem_sealed", form), topics = topics.words(form.topics, form.sheet_id),
    why = why.of(form.decision_id, form.rule), rule = form.rule, decision = form.decision_id, opened = when.full(form.opened_at), send_by = when.full(form.send_by),
    sent = when.full(form.sent_at), rounds = rounds(form, directory), next_step = next_step(form, directory),
    may_send = form.state == "open" and (form.specialist == actor.login or who.has("supervisor")),
    may_answer = form.state == "sent" and people.may_answer(form, actor),
    may_call = form.state == "answered" and caller, may_sign = form.state == "to_sign" and who.has("supervisor"),
    may_withdraw = (form.state == "open" or form.state == "sent" and form.round == 1)
      and (form.specialist == actor.login or who.has("supervisor")),
    sign_reason = form.sign_reason and SIGN_REASON[form.sign_reason],
    sign_note = form.sign_note_sealed and open("complaint_form", "sign_note_sealed", form),
    signed_by = people.name(directory, form.signed_by), closed = when.full(form.closed_at), closed_by = people.name(directory, form.closed_by),
    withdrawn = open("complaint_form", "withdrawn_sealed", form) or form.withdrawn, satisfied = form.satisfied == 1, printed_at = when.full(now),
  }
end

-- Each number shown in full is in the audit.
local function people_view(card, shown)
  local out = json.array {}
  for i, p in ipairs(card.people) do
    local phones = json.array {}
    for k, phone in ipairs(p.phones) do
      phones[k] = { id = phone.id, bad = phone.state == "bad", mask = phone.mask, number = shown and archive.number(phone.id) or nil }
    end
    out[i] = { name = p.name, role = p.role, ["is_" .. p.role] = true, phones = phones, no_call = p.no_call, none = #phones == 0 }
  end
  return out
end

-- The second call: numbers are open only while the caller holds the claim.
function M.second_call(id)
  local data = M.form(id)
  local form, actor, now = forms.get(id), who.actor(), clock.now()
  forms.check_caller(form, actor)
  local claimed = forms.is_claimed_by(form, actor.login, now)
  local card, full = card_view(form.visit_id, true)
  data.card, data.claimed, data.people = card, claimed, people_view(full, claimed)
  data.claimed_until = claimed and when.full(form.claimed_until) or nil
  data.last = data.rounds[#data.rounds]
  return data
end

local EVENT = {
  reply = { zh = "顾问回复", en = "Advisor's reply" },
  satisfied = RESULT.satisfied, unsatisfied = RESULT.unsatisfied, not_reached = RESULT.not_reached,
}

function M.minor(id)
  local m, now, directory, actor = minors.get(id), clock.now(), people.directory(), who.actor()
  local state = minors.state(m)
  local full = who.has("supervisor") or m.specialist == actor.login or people.is_advisor_of(m.advisor, actor)
  local events = json.array {}
  for i, e in ipairs(db.all("SELECT * FROM complaint_minor_event WHERE minor_id = ? ORDER BY at, id", id)) do
    events[i] = {
      round = e.round, at = when.full(e.at), by = people.name(directory, e.actor), what = EVENT[e.kind],
      words = open("complaint_minor_event", "text_sealed", e),
    }
  end
  local due = state == "waiting" and m.answer_due or state == "recheck" and clock.at(m.recheck_on, "23:59") or nil
  local what = state == "waiting" and { zh = "顾问回复", en = "advisor's reply" } or { zh = "二次回访", en = "second call" }
  local own = m.specialist == actor.login or who.has("supervisor")
  return {
    id = id, day = m.day, round = m.round, card = (card_view(m.visit_id, full)), specialist = people.name(directory, m.specialist),
    advisor = m.advisor or "—", problem = open("complaint_minor", "problem_sealed", m), topics = topics.words(m.topics, m.sheet_id), events = events,
    limit = due and when.limit(due, now, what), waiting = state == "waiting", to_call = state == "recheck", closed = state == "closed",
    satisfied = m.satisfied == 1, form_id = m.form_id, withdrawn = open("complaint_minor", "withdrawn_sealed", m) or m.withdrawn,
    may_reply = state == "waiting" and minors.may_reply(m, actor), may_recheck = state == "recheck" and own,
    may_raise = state ~= "closed" and own,
  }
end

-- The specialist calls the customer of a minor issue again: the same page with the numbers open.
function M.minor_call(id)
  local m, data = minors.get(id), M.minor(id)
  if not data.to_call then
    error({ zh = "这条问题现在不需要二次回访，请刷新页面。", en = "This issue is not waiting for a second call; reload the page." }, 0)
  end
  if not data.may_recheck then
    local name = people.name(people.directory(), m.specialist)
    error({ zh = ("二次回访由%s进行，主管可以移交。"):format(name), en = ("%s makes this second call; the supervisor can hand it over."):format(name) }, 0)
  end
  local _, full = card_view(m.visit_id, true)
  data.people = people_view(full, true)
  return data
end

return M
