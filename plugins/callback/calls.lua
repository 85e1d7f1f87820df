-- What becomes of a call. Each result is one transaction: the attempt's row (with the task as it was before, so that the last one can be
-- undone), the task's new state by the machine's table, and what the result brings with it: a bad number, a no-call flag, a form for an unhappy
-- customer, a line in the contact-data list. If any of these is refused, nothing of it happened.

local db = require "host.db"
local clock = require "host.clock"
local json = require "host.json"
local vault = require "host.vault"
local audit = require "host.audit"
local definition = require "host.definition"
local settings = require "host.settings"
local who = require "host.who"
local archive = require "archive"
local survey = require "survey"
local complaint = require "complaint"
local attempts = require "callback.attempts"
local claims = require "callback.claims"
local contact = require "callback.contact"
local machine = require "callback.machine"

local M = {}

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

-- The task's fields that a result may change: kept before, put back by undo. Absent is NULL.
local FIELDS = { "state", "promised_at", "not_before", "attempts", "assigned_to", "sheet_id", "result", "first_attempt_at", "first_attempt_on", "closed_at" }

local function snapshot(task)
  local copy = {}
  for _, name in ipairs(FIELDS) do copy[name] = task[name] end
  return copy
end

local SET = {}
for i, name in ipairs(FIELDS) do SET[i] = name .. " = ?" end
local WRITE = "UPDATE call_task SET " .. table.concat(SET, ", ") .. ", claimed_by = ?, claimed_until = ? WHERE id = ? AND state = ?"

local function write_task(id, state_before, fields, claim)
  local args = {}
  for i, name in ipairs(FIELDS) do args[i] = fields[name] end
  local n = #FIELDS
  args[n + 1], args[n + 2], args[n + 3], args[n + 4] = claim and claim.by, claim and claim.till, id, state_before
  if db.run(WRITE, table.unpack(args, 1, n + 4)) ~= 1 then
    refuse("这个回访刚被别人改过，请刷新页面。", "Somebody has just changed this call; reload the page.")
  end
end

local function result_of(code)
  local d = definition("results", code)
  if not d then refuse(("没有结果“%s”。"):format(code), ("There is no result '%s'."):format(code)) end
  return d.data
end

local function counted(task_id)
  local list = {}
  for _, row in ipairs(db.all([[SELECT at FROM call_attempt WHERE task_id = ? AND counts = 1 AND undone_at IS NULL
      AND at > COALESCE((SELECT MAX(answered_at) FROM call_contact_fix WHERE task_id = ?), 0) ORDER BY at]], task_id, task_id)) do
    list[#list + 1] = row.at
  end
  return list
end

local function record(task, o)
  local id = db.id()
  local before = { task = snapshot(task), effects = o.effects or {}, event = o.event }
  db.run([[INSERT INTO call_attempt (id, task_id, at, caller, phone_id, result, counts, promised_at, note_sealed, before)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]],
    id, task.id, o.now, who.actor().login, o.phone, o.code, o.counts, o.promised_at, vault.seal("call_attempt", "note_sealed", id, o.note, o.person or 0),
    json.encode(before))
  return id
end

-- ------------------------------------------------------------------------------------------- what results bring along

local function phone_of(task, phone_id)
  if not phone_id then return nil end
  local row = db.one([[SELECT p.id, p.customer_id FROM archive_phone p JOIN archive_visit v
      ON p.customer_id IN (v.bringer_id, v.owner_id, v.contact_id) WHERE p.id = ? AND v.id = ?]], phone_id, task.visit_id)
  if not row then refuse("这个号码不属于这张工单上的人。", "This number belongs to nobody on this work order.") end
  return row
end

local function good_numbers(task)
  return db.one([[SELECT COUNT(*) AS n FROM archive_phone p JOIN archive_visit v
      ON p.customer_id IN (v.bringer_id, v.owner_id, v.contact_id) WHERE v.id = ? AND p.state = 'ok']], task.visit_id).n
end

local function person_of(task, phone)
  if phone then return phone.customer_id end
  local person = archive.person_of(task.visit_id)
  return person > 0 and person or nil
end

local function no_call(task, phone, note, effects)
  local person = person_of(task, phone)
  if not person then return end
  archive.no_call(person, note or "客户在回访中要求不再致电")
  effects.no_call = person
end

local function close_sheet(task, effects)
  if not task.sheet_id then return nil end
  local outcome = survey.outcome(task.sheet_id)
  if outcome.answered == 0 then return nil end
  effects.sheet = true
  return survey.close(task.sheet_id)
end

-- A call broken off counts as made when half of the questions were answered; an unhappy customer is not lost that way.
local function check_half(task)
  local outcome = task.sheet_id and survey.outcome(task.sheet_id)
  if not outcome or outcome.answered * 2 < outcome.total then
    local n, total = outcome and outcome.answered or 0, outcome and outcome.total or 0
    refuse(("只答了 %d / %d 题，不到一半：请选“改约时间”再打一次。"):format(n, total),
      ("Only %d of %d questions are answered, less than half: choose 'Another time' and call again."):format(n, total))
  elseif outcome.unhappy then
    refuse("客户不满意：请在左边选择处理方式，然后完成回访。", "The customer is unhappy: choose what to do about it and finish the call.")
  end
end

local function check_time(at, now)
  if not at then refuse("请填写约好的时间。", "Enter the time that was agreed.") end
  if at <= now then refuse("约定的时间已经过去了，请选以后的时间。", "That time has passed; choose a later one.") end
  local day = clock.split(at)
  if clock.days_between(clock.split(now), day) > 60 then
    refuse("约定的时间超过 60 天，请检查日期。", "That is more than 60 days away; check the date.")
  end
end

-- -------------------------------------------------------------------------------------------------- a result as button

local function mark_first(fields, now)
  if fields.first_attempt_at then return end
  fields.first_attempt_at, fields.first_attempt_on = now, (clock.split(now))
end

local function retry(task, fields, o)
  local list = counted(task.id)
  local judged = attempts.judge(list, o.now, settings.get())
  o.counts, o.reason = judged.counts, judged.reason
  fields.attempts = #list + (judged.counts and 1 or 0)
  fields.not_before, fields.promised_at = judged.next_at, nil
  if judged.last then return "contact_fix" end
  return "retry"
end

local function bad_number(task, fields, o)
  if not o.phone then refuse("请先选中拨打的号码。", "Choose the number that was dialled first.") end
  archive.phone_state(o.phone, "bad")
  o.effects.phone = o.phone
  fields.not_before, fields.promised_at = nil, nil
  if good_numbers(task) > 0 then return "retry" end
  return "contact_fix"
end

-- Each `next` of a result: changes the fields, fills o, returns the machine's event.
local STEPS = {
  retry = retry,
  contact_fix = bad_number,
  person = function() return "person" end,
  promise = function(_, fields, o)
    check_time(o.at, o.now)
    fields.promised_at, fields.not_before, o.promised_at = o.at, nil, o.at
    return "promise"
  end,
  close = function(task, fields, o)
    if o.result.half then check_half(task) end
    if o.result.no_call then no_call(task, o.phone_row, o.note, o.effects) end
    if o.result.half then close_sheet(task, o.effects) end
    fields.closed_at, fields.result, fields.promised_at, fields.not_before = o.now, o.code, nil, nil
    return "close"
  end,
}

local function words(note)
  if note and utf8.len(note) and utf8.len(note) > 1000 then refuse("备注请不要超过 1000 个字。", "The note is too long: 1000 characters at most.") end
  if note and not note:find "%S" then return nil end
  return note
end

-- o = { code, phone?, at? (ms), note? }. Returns { state, counts, reason?, contact? }.
function M.result(id, o)
  local result = result_of(o.code)
  if result.finish or result.system then
    refuse("这个结果由完成问卷得出，不能直接选。", "This result comes from finishing the questionnaire and cannot be chosen.")
  end
  return db.tx(function()
    local task, now = claims.need(id), clock.now()
    local step = { code = o.code, result = result, now = now, at = o.at, note = words(o.note), effects = {}, counts = false, phone = o.phone,
                   phone_row = phone_of(task, o.phone) }
    step.person = person_of(task, step.phone_row)
    local fields = snapshot(task)
    mark_first(fields, now)
    fields.assigned_to = fields.assigned_to or who.actor().login
    step.event = STEPS[result.next](task, fields, step)
    fields.state = machine.after(task.state, step.event)
    if fields.state == "contact_fix" then step.effects.fix = contact.open(task, o.code, now) end
    if task.state == "contact_fix" then step.effects.settled = contact.settle(task, now) end
    record(task, step)
    local keep = (step.event == "person" or result.next == "contact_fix" and fields.state ~= "contact_fix") and { by = task.claimed_by, till = task.claimed_until }
    write_task(id, task.state, fields, keep)
    return { state = fields.state, counts = step.counts, reason = step.reason, not_before = fields.not_before }
  end)
end

-- --------------------------------------------------------------------------------------------- finishing the questionnaire

local SAID = { yes = "是", no = "否", unsure = "不确定" }

local function told(problem)
  local value, head = problem.value, problem.title.zh
  if type(value) == "number" then head = ("%s %g 分"):format(head, value) elseif SAID[value] then head = ("%s：%s"):format(head, SAID[value]) end
  return problem.reason and ("%s（%s）"):format(head, problem.reason) or head
end

-- What the answers themselves say is wrong: the tracking form's text where the specialist wrote none.
function M.problem_text(outcome)
  local parts = {}
  for i, problem in ipairs(outcome.problems) do
    if i <= 8 then parts[#parts + 1] = told(problem) end
  end
  return table.concat(parts, "；")
end

local function topics_of(outcome)
  local list, seen = {}, {}
  for _, problem in ipairs(outcome.problems) do
    if not seen[problem.section] then list[#list + 1] = problem.section end
    seen[problem.section] = true
  end
  return list
end

local function lowest(outcome)
  local least
  for _, value in pairs(outcome.facts) do
    if type(value) == "number" and (not least or value < least) then least = value end
  end
  return least
end

local WANTED = { faq = "faq", minor = "minor", serious = "serious", complaint = "serious" }

local function report(task, outcome, o, effects)
  local problem = words(o.problem) or M.problem_text(outcome)
  if problem == "" then refuse("请写下客户不满意的是什么。", "Write down what the customer is unhappy with.") end
  local facts = { lowest_score = lowest(outcome), survey_serious = outcome.serious, asked_manager = outcome.facts.manager == "yes" or nil }
  local made = complaint.unhappy { visit_id = task.visit_id, task_id = task.id, sheet_id = task.sheet_id, source = "phone-service",
    problem = problem, topics = topics_of(outcome), department = o.department or "service", facts = facts, wanted = WANTED[o.how] }
  if made.id then effects.complaint = { kind = made.kind, id = made.id } end
  return made
end

-- What an earlier finishing of this call opened and nobody took back: a corrected call does not open a second form.
local function reported(task)
  for _, row in ipairs(db.all("SELECT before FROM call_attempt WHERE task_id = ? AND undone_at IS NULL ORDER BY at DESC", task.id)) do
    local made = json.decode(row.before).effects.complaint
    if made then return made end
  end
end

local function code_for(how, made)
  if how == "complaint" then return "COMPLAINT" end
  if made.kind == "serious" then return "OK_DIS_SERIOUS" end
  if made.kind == "minor" then return "OK_DIS_MINOR" end
  return "OK_DIS_FAQ"
end

local function check_finish(outcome, o)
  if o.how ~= nil and not WANTED[o.how] then refuse("请选择处理方式。", "Choose what to do about it.") end
  if o.how == nil and outcome.unhappy then
    refuse("客户不满意：请选择处理方式（已解答、一般问题、严重问题或正式投诉）。",
      "The customer is unhappy: choose what to do (solved, minor, serious or a formal complaint).")
  end
  if outcome.answered == 0 and o.how == nil then
    refuse("还没有回答任何问题：请先提问，或在右边选择其他结果。", "Nothing is answered yet: ask first, or choose another result.")
  end
  -- A slip on the button must not make a satisfied customer of somebody who was hardly asked; the month counts him.
  if o.how == nil and outcome.answered * 2 < outcome.total then
    refuse(("只答了 %d / %d 题，不到一半：请继续提问，或在右边选择其他结果。"):format(outcome.answered, outcome.total),
      ("Only %d of %d questions are answered, less than half: go on asking, or choose another result."):format(outcome.answered, outcome.total))
  end
end

-- o = { how = "faq"|"minor"|"serious"|"complaint"|nil, problem?, department?, phone?, note? }. Returns { code, complaint? }.
function M.finish(id, o)
  return db.tx(function()
    local task, now, effects = claims.need(id), clock.now(), {}
    local event = machine.after(task.state, "close") and "close"
    local outcome = survey.outcome(task.sheet_id)
    check_finish(outcome, o)
    local person = person_of(task, phone_of(task, o.phone))
    survey.close(task.sheet_id)
    effects.sheet = true
    if task.state == "contact_fix" then effects.settled = contact.settle(task, now) end
    local made = o.how and (reported(task) or report(task, outcome, o, effects))
    local code = made and code_for(o.how, made) or "OK_SAT"
    local fields = snapshot(task)
    mark_first(fields, now)
    fields.assigned_to = fields.assigned_to or who.actor().login
    fields.state, fields.result, fields.closed_at, fields.promised_at, fields.not_before = "done", code, now, nil, nil
    record(task, { now = now, phone = o.phone, code = code, counts = false, note = words(o.note), person = person, effects = effects, event = event })
    write_task(id, task.state, fields, nil)
    return { code = code, complaint = made or nil }
  end)
end

-- ------------------------------------------------------------------------------------------------------- taking back

local function last_attempt(id)
  return db.one("SELECT * FROM call_attempt WHERE task_id = ? AND undone_at IS NULL ORDER BY at DESC, id DESC LIMIT 1", id)
end

local function may_undo(attempt)
  if not attempt then refuse("没有可以撤销的结果。", "There is no result to undo.") end
  if attempt.caller ~= who.actor().login and not who.has "supervisor" then
    refuse("只能撤销自己记录的结果；请找主管。", "You can only undo your own result; ask the supervisor.")
  end
  if clock.split(attempt.at) ~= clock.today() then
    refuse("只能撤销当天的结果；以前的请用“更正”，并写明原因。", "Only today's result can be undone; correct an older one and give the reason.")
  end
end

local function take_back(task, effects)
  if effects.complaint then
    complaint.withdraw { kind = effects.complaint.kind, id = effects.complaint.id, reason = "撤销回访结果" }
  end
  if effects.fix then contact.withdraw(effects.fix) end
  if effects.settled then contact.unsettle(effects.settled) end
  if effects.phone then archive.phone_state(effects.phone, "ok") end
  if effects.no_call then archive.may_call(effects.no_call, "撤销回访结果") end
  if effects.sheet then survey.reopen(task.sheet_id, "撤销回访结果") end
end

-- Puts the task back to what it was before its last result, and claims it again. What was answered stays answered.
function M.undo(id)
  return db.tx(function()
    local task, attempt = claims.task(id), last_attempt(id)
    may_undo(attempt)
    local holder = claims.holder(task)
    if holder then refuse(("%s 正在回访这位客户，不能撤销。"):format(holder.name), ("%s is calling this customer; it cannot be undone now."):format(holder.name)) end
    local before = json.decode(attempt.before)
    if machine.after(before.task.state, before.event) ~= task.state then
      refuse("这个结果之后又有变化，不能撤销；请用“更正”。", "Something happened after this result, so it cannot be undone; correct it instead.")
    end
    take_back(task, before.effects)
    before.task.sheet_id = before.task.sheet_id or task.sheet_id
    db.run("UPDATE call_attempt SET undone_at = ?, undone_by = ? WHERE id = ?", clock.now(), who.actor().login, attempt.id)
    write_task(id, task.state, before.task, { by = who.actor().login, till = clock.now() + settings.get().claim_minutes * 60000 })
    return { result = attempt.result, state = before.task.state }
  end)
end

-- ------------------------------------------------------------------------------------------------------- correcting

local function may_correct(task)
  if task.state ~= "done" then
    refuse("只有已完成的回访才需要更正。", "Only a call that is done needs correcting.")
  end
  if task.assigned_to ~= who.actor().login and not who.has "supervisor" then
    refuse("只能更正自己的回访；请找主管。", "You can only correct your own calls; ask the supervisor.")
  end
end

local function check_label(task, code)
  local result = result_of(code)
  if result.next ~= "close" or result.unhappy or result.no_call then
    refuse("这个结果要连同答卷一起更正：请选“重新打开答卷”。", "This result needs the sheet too: choose to open the sheet again.")
  end
  local sheet = task.sheet_id and survey.outcome(task.sheet_id)
  if result.success and not (sheet and sheet.answered > 0) then
    refuse("没有答卷，不能改为“完成”。", "Without answers it cannot become finished.")
  elseif code == "OK_SAT" and sheet.unhappy then
    refuse("答卷显示客户不满意，不能改为“满意”。", "The answers say the customer is unhappy; it cannot become satisfied.")
  end
end

-- A closed call gets another result (o.result), or its sheet is opened again and it is finished anew. Both keep before, after and the reason.
function M.correct(id, o)
  if not words(o.reason) then refuse("请写明更正的原因。", "Give the reason for the correction.") end
  return db.tx(function()
    local task = claims.task(id)
    may_correct(task)
    local fields, claim = snapshot(task), nil
    if o.result and o.result ~= "" then
      check_label(task, o.result)
      fields.state, fields.result = machine.after(task.state, "relabel"), o.result
    else
      fields.state, fields.result, fields.closed_at = machine.after(task.state, "reopen"), nil, nil
      claim = { by = who.actor().login, till = clock.now() + settings.get().claim_minutes * 60000 }
      if task.sheet_id then survey.reopen(task.sheet_id, o.reason) end
    end
    local row, person = db.id(), archive.person_of(task.visit_id)
    db.run([[INSERT INTO call_correction (id, task_id, at, actor, reason, reason_sealed, before, after)
      VALUES (?, ?, ?, ?, '—', ?, ?, ?)]], row, id, clock.now(), who.actor().login,
      vault.seal("call_correction", "reason_sealed", row, o.reason, person), json.encode(snapshot(task)), json.encode(fields))
    audit.write("call.correct", "call:" .. id, nil, o.reason, person)
    write_task(id, "done", fields, claim)
    return { state = fields.state }
  end)
end

return M
