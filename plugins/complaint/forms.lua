-- Tracking form 03. Every function here is one act of one person: it reads the form inside the transaction, asks states.lua whether the act
-- is possible, and writes. Two people at once: the second finds the state changed and gets a sentence, nothing is overwritten.
local audit = require "host.audit"
local calendar = require "host.calendar"
local clock = require "host.clock"
local counter = require "host.counter"
local db = require "host.db"
local json = require "host.json"
local settings = require "host.settings"
local vault = require "host.vault"
local who = require "host.who"
local notify = require "complaint.notify"
local people = require "complaint.people"
local states = require "complaint.states"
local when = require "complaint.when"
local words = require "complaint.words"

local M = {}

function M.get(id)
  local form = db.one("SELECT * FROM complaint_form WHERE id = ?", id)
  if form then return form end
  error({ zh = "没有这张跟踪单。它可能属于别的门店。", en = "There is no such tracking form; it may belong to another store." }, 0)
end

local function the_visit(id)
  local visit = db.one([[SELECT v.id, v.advisor, v.technician, a.plate FROM archive_visit v
    JOIN archive_vehicle a ON a.id = v.vehicle_id WHERE v.id = ?]], id)
  if visit then return visit end
  error({ zh = "没有这张工单，不能开跟踪单。", en = "There is no such work order, so no form can be opened for it." }, 0)
end

-- Columns in a fixed order, so that the statement is the same each time and can be kept prepared.
local function update(form, event, columns, values)
  local state = states.go(form, event)
  local sets = { "state = ?" }
  for _, name in ipairs(columns) do sets[#sets + 1] = name .. " = ?" end
  local args, n = { state }, 1
  for i = 1, #columns do args[n + i] = values[i] end
  n = n + #columns
  args[n + 1], args[n + 2], args[n + 3] = form.id, form.state, form.round
  local changed = db.run(("UPDATE complaint_form SET %s WHERE id = ? AND state = ? AND round = ?"):format(table.concat(sets, ", ")),
    table.unpack(args, 1, n + 3))
  assert(changed == 1, "the form changed inside its own transaction")
  return state
end

local function need(value, zh, en)
  value = words.trim(value or "")
  if value == "" then error({ zh = zh, en = en }, 0) end
  return value
end

local function limit(from, days)
  local o = settings.get()
  return calendar.due { from = from, workdays = days, cutoff = o.cutoff, close = o.close }
end

-- Day limits end at the cut-off of the day the form was opened; what is opened later is sent by the cut-off of the next working day.
local function send_by(opened)
  local cutoff = settings.get().cutoff
  local day, hm = clock.split(opened)
  if hm >= cutoff then day = calendar.add_workdays(day, 1) end
  return clock.at(day, cutoff)
end

local function reckoned(form, from, due)
  local all = form.reckoning and json.decode(form.reckoning) or {}
  all[#all + 1] = { round = form.round, from = from, due = due.at, steps = due.steps }
  return json.encode(json.array(all))
end

local function number(day)
  local compact = day:gsub("-", "")
  return ("03-%s-%03d"):format(compact, counter.next("03-" .. compact))
end

local INSERT = [[INSERT INTO complaint_form (id, no, source, visit_id, person_id, task_id, sheet_id, department, specialist, director,
  problem_sealed, topics, accused, state, round, opened_at, send_by, answer_due, reckoning, decision_id, rule)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 1, ?, ?, ?, ?, ?, ?)]]

-- case: as complaint.unhappy; verdict: of judge.decide. Opens, and sends unless the dealer wants that done by hand.
function M.open(case, verdict)
  people.department(case.department)
  local now, id = clock.now(), db.id()
  local visit = the_visit(case.visit_id)
  local accused = json.encode(json.array(case.accused or {}))
  local answerer = people.answerer(case.department, people.accused { accused = accused })
  local due = limit(now, settings.get().answer_days)
  local form = { id = id, no = number((clock.split(now))), round = 1 }
  db.run(INSERT, id, form.no, case.source, case.visit_id, case.person, case.task_id, case.sheet_id, case.department,
    case.specialist or who.actor().login, answerer and answerer.login,
    vault.seal("complaint_form", "problem_sealed", id, case.problem, case.person), json.encode(json.array(case.topics)), accused,
    now, send_by(now), due.at, reckoned(form, now, due), verdict.decision, verdict.rule)
  if settings.get().send_at_once then M.send_now(id, visit) end
  return id, form.no
end

-- Inside a transaction: the clock of the round starts.
function M.send_now(id, visit)
  local form, now = M.get(id), clock.now()
  local due = limit(now, settings.get().answer_days)
  form.reckoning = nil
  update(form, "send", { "sent_at", "answer_due", "reckoning" }, { now, due.at, reckoned(form, now, due) })
  form.answer_due = due.at
  notify.sent(form, visit or the_visit(form.visit_id), clock.today())
end

function M.send(id)
  return db.tx(function()
    local form, actor = M.get(id), who.actor()
    if form.specialist ~= actor.login and not who.has("supervisor") then
      error({ zh = "只有开单的专员或主管可以送出。", en = "Only its specialist or the supervisor can send the form." }, 0)
    end
    M.send_now(id)
  end)
end

local function told_when(day, hhmm, now)
  if not day then return nil end
  local told = clock.at(day, hhmm)
  if told > now + 60000 then
    error({ zh = "告知客户的时间不能晚于现在。", en = "The customer cannot have been told later than now." }, 0)
  end
  return told
end

local function refuse_late(form, round)
  if form.round == round and form.state == "sent" then return end
  local row = db.one("SELECT answered_by, answered_at FROM complaint_answer WHERE form_id = ? AND round = ?", form.id, round)
  if not row then return end
  local name = people.name(people.directory(), row.answered_by)
  local at = when.full(row.answered_at)
  error({
    zh = ("%s 第%d轮已由%s于 %s 答复，您的内容没有保存。请先看对方写了什么。"):format(form.no, round, name, at),
    en = ("Round %d of %s was already answered by %s at %s; your text was not saved. See first what was written.")
      :format(round, form.no, name, at),
  }, 0)
end

-- a: { round, cause, action, told_day?, told_time? }
function M.answer(id, a)
  local cause = need(a.cause, "请写明原因。", "Please state the cause.")
  local action = need(a.action, "请写明采取的措施。", "Please state what was done.")
  return db.tx(function()
    local form, actor, now = M.get(id), who.actor(), clock.now()
    people.refuse_accused(form, actor)
    if not people.may_answer(form, actor) then
      error({
        zh = "这张单由" .. tostring(people.name(people.directory(), form.director) or "—") .. "或其代理人答复。",
        en = "This form is answered by " .. tostring(people.name(people.directory(), form.director) or "—") .. " or his deputy.",
      }, 0)
    end
    refuse_late(form, a.round)
    if form.round ~= a.round then
      error({ zh = "这张单已进入下一轮，请刷新页面。", en = "The form is in another round by now; reload the page." }, 0)
    end
    local recheck = limit(now, settings.get().recheck_days)
    update(form, "answer", { "recheck_due" }, { recheck.at })
    local aid = db.id()
    db.run([[INSERT INTO complaint_answer (id, form_id, round, cause_sealed, action_sealed, told_at, answered_at, answered_by, on_time)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)]], aid, id, form.round,
      vault.seal("complaint_answer", "cause_sealed", aid, cause, form.person_id),
      vault.seal("complaint_answer", "action_sealed", aid, action, form.person_id),
      told_when(a.told_day, a.told_time, now), now, actor.login, now <= form.answer_due)
    form.recheck_due = recheck.at
    notify.answered(form)
  end)
end

-- The specialist takes the second call for himself, so that numbers may be opened.
function M.claim(id)
  return db.tx(function()
    local form, actor, now = M.get(id), who.actor(), clock.now()
    M.check_caller(form, actor)
    if form.state ~= "answered" then states.go(form, "not_reached") end
    db.run("UPDATE complaint_form SET claimed_by = ?, claimed_until = ? WHERE id = ?", actor.login,
      now + settings.get().claim_minutes * 60000, id)
  end)
end

function M.is_claimed_by(form, login, now)
  return form.claimed_by == login and form.claimed_until ~= nil and form.claimed_until > now and form.state == "answered"
end

function M.check_caller(form, actor)
  people.refuse_accused(form, actor)
  if form.specialist == actor.login then return end
  local name = people.name(people.directory(), form.specialist)
  error({
    zh = ("二次回访由同一位专员进行，这张单属于%s。主管可以移交。"):format(name),
    en = ("The same specialist makes the second call; this form is %s's. The supervisor can hand it over."):format(name),
  }, 0)
end

local function unreached(form)
  local row = db.one([[SELECT COUNT(*) AS n FROM complaint_recheck
    WHERE form_id = ? AND round = ? AND result = 'not_reached']], form.id, form.round)
  return row.n
end

local function to_sign(form, reason)
  update(form, "exhausted", { "sign_reason", "claimed_by", "claimed_until", "satisfied" },
    { reason, nil, nil, reason == "rounds" and 0 or nil })
  notify.to_sign(form)
end

local function next_round(form, event, now)
  local due = limit(now, settings.get().answer_days)
  local round = form.round + 1
  local reckoning = reckoned({ round = round, reckoning = form.reckoning }, now, due)
  update(form, event, { "round", "sent_at", "answer_due", "reckoning", "recheck_due", "claimed_by", "claimed_until", "sign_reason", "satisfied" },
    { round, now, due.at, reckoning, nil, nil, nil, nil, nil })
  form.round, form.answer_due = round, due.at
  notify.sent(form, the_visit(form.visit_id), clock.today())
end

local after = {}
function after.satisfied(form, actor, now)
  update(form, "satisfied", { "satisfied", "closed_at", "closed_by", "claimed_by", "claimed_until" }, { 1, now, actor.login, nil, nil })
end
function after.unsatisfied(form, _, now)
  if form.round >= settings.get().rounds then return to_sign(form, "rounds") end
  next_round(form, "unsatisfied", now)
end
function after.not_reached(form, _, now)
  if unreached(form) >= settings.get().unreached then return to_sign(form, "unreached") end
  local due = limit(now, settings.get().recheck_days)
  update(form, "not_reached", { "recheck_due", "claimed_by", "claimed_until" }, { due.at, nil, nil })
end

-- r: { round, result, remark? }. Returns the state the form is in afterwards.
function M.recheck(id, r)
  if not after[r.result] then
    error({ zh = "请选择：满意、不满意或未接通。", en = "Choose satisfied, not satisfied or not reached." }, 0)
  end
  return db.tx(function()
    local form, actor, now = M.get(id), who.actor(), clock.now()
    M.check_caller(form, actor)
    if form.round ~= r.round then
      error({ zh = "这张单已进入下一轮，请刷新页面。", en = "The form is in another round by now; reload the page." }, 0)
    end
    states.go(form, r.result)
    local remark = words.trim(r.remark or "")
    if r.result == "unsatisfied" and remark == "" then
      error({ zh = "请写明客户还有哪里不满意，部门需要知道。", en = "Say what the customer is still unhappy with; the department has to know." }, 0)
    end
    local rid = db.id()
    db.run("INSERT INTO complaint_recheck (id, form_id, round, at, caller, result, remark_sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
      rid, id, form.round, now, actor.login, r.result,
      remark ~= "" and vault.seal("complaint_recheck", "remark_sealed", rid, remark, form.person_id) or nil)
    after[r.result](form, actor, now)
    return M.get(id).state
  end)
end

-- What the supervisor may decide at to_sign: sign (closes), again (another round), recall (call once more).
function M.sign(id, decision, note)
  if not who.has("supervisor") then
    error({ zh = "只有主管可以签字。", en = "Only the supervisor can sign." }, 0)
  end
  note = words.trim(note or "")
  return db.tx(function()
    local form, actor, now = M.get(id), who.actor(), clock.now()
    people.refuse_accused(form, actor)
    states.go(form, decision)
    if decision == "again" then return next_round(form, "again", now) end
    if decision == "recall" then
      return update(form, "recall", { "recheck_due", "sign_reason" }, { limit(now, settings.get().recheck_days).at, nil })
    end
    need(note, "请写明结案理由。", "State why it is closed.")
    update(form, "sign", { "closed_at", "closed_by", "signed_by", "sign_note_sealed" },
      { now, actor.login, actor.login, vault.seal("complaint_form", "sign_note_sealed", id, note, form.person_id) })
    audit.write("sign", "form:" .. form.no, form.sign_reason)
  end)
end

-- The call that opened it was undone before anybody answered.
function M.withdraw(id, reason)
  reason = need(reason, "请写明撤回理由。", "State why it is withdrawn.")
  return db.tx(function()
    local form, actor = M.get(id), who.actor()
    if form.specialist ~= actor.login and not who.has("supervisor") then
      error({ zh = "只有开单的专员或主管可以撤回。", en = "Only its specialist or the supervisor can withdraw the form." }, 0)
    end
    if form.round > 1 then states.go({ no = form.no, state = "answered" }, "withdraw") end
    update(form, "withdraw", { "withdrawn", "withdrawn_sealed", "closed_at", "closed_by" },
      { "—", vault.seal("complaint_form", "withdrawn_sealed", id, reason, form.person_id), clock.now(), actor.login })
    audit.write("withdraw", "form:" .. form.no, nil, reason, form.person_id)
  end)
end

-- Supervisor: these forms go to another specialist. Returns how many moved.
function M.move(ids, to)
  if not who.has("supervisor") then
    error({ zh = "只有主管可以移交。", en = "Only the supervisor can hand work over." }, 0)
  end
  if #ids == 0 then error({ zh = "请先勾选要移交的跟踪单。", en = "Tick the forms to hand over first." }, 0) end
  local user = people.specialist(to)
  return db.tx(function()
    local moved = 0
    for _, id in ipairs(ids) do
      local form = M.get(id)
      people.refuse_as_handler(form, user)
      if form.state ~= "closed" and form.specialist ~= to then
        moved = moved + db.run("UPDATE complaint_form SET specialist = ?, claimed_by = NULL, claimed_until = NULL WHERE id = ?", to, id)
        audit.write("move", "form:" .. form.no, form.specialist .. " -> " .. to)
      end
    end
    return moved
  end)
end

return M
