-- What the call window shows, gathered once: the task, the card of the visit, the sheet, the numbers (open while the call is claimed by the one
-- who looks), what was tried, and the buttons.

local db = require "host.db"
local clock = require "host.clock"
local json = require "host.json"
local point = require "host.point"
local vault = require "host.vault"
local who = require "host.who"
local archive = require "archive"
local survey = require "survey"
local complaint = require "complaint"
local calls = require "callback.calls"
local claims = require "callback.claims"
local tasks = require "callback.tasks"

local M = {}

local DEPARTMENTS = {
  { id = "service", title = { zh = "售后服务", en = "After-sales" } },
  { id = "sales", title = { zh = "销售", en = "Sales" } },
  { id = "parts", title = { zh = "配件", en = "Parts" } },
  { id = "insurance", title = { zh = "保险", en = "Insurance" } },
  { id = "finance", title = { zh = "财务", en = "Finance" } },
  { id = "other", title = { zh = "其他部门", en = "Other" } },
}

local function with_sheet(id)
  return db.tx(function()
    local task = claims.task(id)
    if task.sheet_id then
      survey.renew(task.sheet_id)
    else
      task.sheet_id = survey.start { questionnaire = task.questionnaire, subject = { "visit", task.visit_id }, person = archive.person_of(task.visit_id) }
      db.run("UPDATE call_task SET sheet_id = ? WHERE id = ? AND sheet_id IS NULL", task.sheet_id, id)
    end
    return task
  end)
end

local function take(id)
  if not claims.take(id) then return claims.task(id), false end
  return with_sheet(id), true
end

-- Opens the call for the one who looks: a specialist claims it by opening, everybody else (and a call that waits for contact data) by the button. The
-- sheet takes the version now in force while it is empty. Returns the task and whether the claim is his; where the claim cannot be written the call
-- is open for reading, and the third result says why ("disk", "busy").
function M.open(id)
  local task = claims.task(id)
  local by_opening = who.has "specialist" and task.state ~= "contact_fix"
  if task.state == "done" or not (by_opening or claims.mine(task)) then return task, false end
  local written, now, mine = pcall(take, id)
  if written then return now, mine end
  local why = db.trouble(now)
  if not why then error(now, 0) end
  return claims.task(id), false, why
end

-- ---------------------------------------------------------------------------------------------------------- numbers

local function tries(attempts)
  local map = {}
  for _, a in ipairs(attempts) do
    if a.phone_id and not a.undone then
      local t = map[a.phone_id] or { n = 0, last = a.result }
      t.n = t.n + 1
      map[a.phone_id] = t
    end
  end
  return map
end

local function phone_view(phone, mine, tried)
  local number = mine and phone.state == "ok" and archive.number(phone.id) or phone.mask
  return { id = phone.id, number = number, open = mine and phone.state == "ok", bad = phone.state == "bad", tried = tried and tried.n or false,
           source = phone.source, fixed = phone.kind == "phone", dial = false, untried = not tried }
end

-- At a promised time the number under which it was promised.
local function promised_phone(task, attempts)
  if task.state ~= "promised" then return nil end
  for _, a in ipairs(attempts) do
    if not a.undone and a.promised_at then return a.phone_id end
  end
end

-- The promised number, else the first good one nobody has tried is the one to dial; if all were tried, the first good one.
local function choose(people, promised)
  local chosen
  for _, person in ipairs(people) do
    for _, phone in ipairs(person.phones) do
      local better = not chosen or chosen.id ~= promised and (phone.id == promised or not chosen.untried and phone.untried)
      if not phone.bad and better then chosen = phone end
    end
  end
  if chosen then chosen.dial = true end
  return chosen
end

local ROLE = { bringer = { zh = "送修人", en = "Brought the car" }, owner = { zh = "车主", en = "Owner" }, contact = { zh = "联系人", en = "Contact" } }

local function people_view(card, mine, task, attempts)
  local tried, out = tries(attempts), json.array {}
  for i, person in ipairs(card.people) do
    local view = { customer_id = person.customer_id, role = ROLE[person.role] or { zh = person.role, en = person.role }, no_call = person.no_call == true,
                   name = mine and person.name or vault.mask("name", person.name), company = person.kind == "company", phones = json.array {} }
    for j, phone in ipairs(person.phones) do view.phones[j] = phone_view(phone, mine, tried[phone.id]) end
    view.no_phone = #view.phones == 0
    out[i] = view
  end
  return out, task.state ~= "done" and choose(out, promised_phone(task, attempts)) or nil
end

-- ----------------------------------------------------------------------------------------------------------- script

local function fill(words, values)
  if not words then return nil end
  local out = {}
  for lang, sentence in pairs(words) do
    out[lang] = sentence:gsub("{(%w+)}", function(name)
      local value = values[name]
      if type(value) == "table" then value = value[lang] end
      return value or ("{" .. name .. "}")
    end)
  end
  return out
end

-- What was done, as it is said to the customer; a dictionary number that nobody translated is nothing to say.
local function work_of(visit)
  if visit.kind and not tasks.bare_code(visit.kind) then return visit.kind end
  return { zh = "维修保养", en = "service" }
end

local function values_of(card, mine)
  local person = card.people[1]
  local name = person and person.name or "—"
  local plate = card.vehicle.plate or ""
  return { store = who.dealership().name, caller = who.actor().name, customer = mine and name or vault.mask("name", name),
           plate = mine and plate or plate ~= "" and vault.mask("plate", plate) or "", work = work_of(card.visit),
           advisor = card.visit.advisor or "", model = card.vehicle.model or card.vehicle.series or "" }
end

-- ---------------------------------------------------------------------------------------------------- questionnaire

local YESNO = { { id = "yes", zh = "是", en = "Yes" }, { id = "no", zh = "否", en = "No" }, { id = "unsure", zh = "不确定", en = "Not sure" } }

local function options_of(item)
  local out = json.array {}
  if item.kind == "rate" then
    for n = 1, 10 do out[n] = { value = tostring(n), key = tostring(n % 10), label = { zh = tostring(n), en = tostring(n) } } end
    return out
  end
  for i, option in ipairs(item.kind == "yesno" and YESNO or item.options or {}) do
    out[i] = { value = option.id, key = i < 10 and tostring(i) or i == 10 and "0" or "", label = { zh = option.zh, en = option.en } }
  end
  return out
end

local function is_chosen(item, value)
  if type(item.value) ~= "table" then return tostring(item.value) == value end
  for _, v in ipairs(item.value) do
    if v == value then return true end
  end
  return false
end

local function item_view(item, place, read_only)
  local view = { id = item.id, kind = item.kind, title = item.title, hint = item.hint or false, hidden = not item.shown, place = place,
                 is_text = item.kind == "text", many = item.kind == "multi", is_rate = item.kind == "rate", options = options_of(item),
                 value = item.kind == "text" and item.value or "", reason = item.reason or "", ask_reason = item.ask_reason == true,
                 read_only = read_only, done = item.value ~= nil }
  for _, option in ipairs(view.options) do
    option.chosen = item.value ~= nil and is_chosen(item, option.value)
    option.item = item.id
  end
  return view
end

local function sheet_view(sheet, values, read_only)
  local sections, place = json.array {}, 0
  for i, section in ipairs(sheet.sections) do
    local items = json.array {}
    for j, item in ipairs(section.items) do
      place = place + 1
      items[j] = item_view(item, place, read_only)
    end
    sections[i] = { id = section.id, title = section.title, script = fill(section.script, values) or false, hidden = not section.shown, items = items }
  end
  return { id = sheet.id, version = sheet.version, title = sheet.title, sections = sections, answered = sheet.answered, total = sheet.total,
           score = sheet.score and ("%.1f"):format(sheet.score) or "—", unhappy = sheet.unhappy, serious = sheet.serious,
           intro = fill(sheet.intro, values) or false, consent = fill(sheet.consent, values) or false, closing = fill(sheet.closing, values) or false,
           busy = fill(sheet.branches.busy, values) or false, refuse = fill(sheet.branches.refuse, values) or false,
           say_unhappy = fill(sheet.branches.unhappy, values) or false, not_driver = fill(sheet.branches.not_driver, values) or false }
end

-- What the page needs after each answer: which questions are shown, which want a reason, where the score stands.
function M.state(sheet)
  local items, sections = {}, {}
  for _, section in ipairs(sheet.sections) do
    sections[section.id] = section.shown
    for _, item in ipairs(section.items) do
      items[item.id] = { shown = item.shown, ask_reason = item.ask_reason, done = item.value ~= nil }
    end
  end
  return { items = items, sections = sections, answered = sheet.answered, total = sheet.total, score = sheet.score and ("%.1f"):format(sheet.score) or "—",
           unhappy = sheet.unhappy, serious = sheet.serious, problem = calls.problem_text(sheet) }
end

-- ---------------------------------------------------------------------------------------------------------- buttons

local GROUPS = {
  { id = "reached", title = { zh = "接通", en = "Reached" } },
  { id = "not_reached", title = { zh = "未接通", en = "Not reached" } },
  { id = "invalid", title = { zh = "号码无效", en = "Bad number" } },
}

local function sorted_results()
  local list = point "results"
  table.sort(list, function(a, b)
    if a.data.order ~= b.data.order then return a.data.order < b.data.order end
    return a.id < b.id
  end)
  return list
end

function M.results()
  local out, names, place = json.array {}, {}, 0
  for _, d in ipairs(sorted_results()) do names[d.id] = { zh = d.data.zh, en = d.data.en } end
  for i, group in ipairs(GROUPS) do
    local buttons = json.array {}
    for _, d in ipairs(sorted_results()) do
      local r = d.data
      if r.group == group.id and not r.finish and not r.system and r.next ~= "promise" then
        place = place + 1
        buttons[#buttons + 1] = { code = d.id, title = names[d.id], hint = r.hint or false, ask = r.no_call == true,
                                  key = place <= 10 and tostring(place % 10) or false }
      end
    end
    out[i] = { id = group.id, title = group.title, buttons = buttons }
  end
  return out, names
end

-- What the page says of a result by its code: { title, hint }; false for none that is known.
function M.result(code)
  for _, d in ipairs(code and point "results" or {}) do
    if d.id == code then return { title = { zh = d.data.zh, en = d.data.en }, hint = d.data.hint or "" } end
  end
  return false
end

local function closing_results(names)
  local out = json.array {}
  for _, d in ipairs(sorted_results()) do
    local r = d.data
    if r.next == "close" and not r.unhappy and not r.no_call then out[#out + 1] = { code = d.id, title = names[d.id] } end
  end
  return out
end

local function attempts_view(attempts, names, known)
  local out = json.array {}
  for i, a in ipairs(attempts) do
    local day, hm = clock.split(a.at)
    local promised = a.promised_at and ("%s %s"):format(clock.split(a.promised_at))
    out[i] = { day = day, hm = hm, caller = known[a.caller] or a.caller, result = names[a.result] or { zh = a.result, en = a.result },
               counts = a.counts == 1, undone = a.undone, note = a.note or false, promised = promised or false }
  end
  return out
end

local REOPENED = { zh = "重新打开", en = "opened again" }

local function corrections_view(task, names, known)
  local out = json.array {}
  for i, c in ipairs(tasks.corrections(task.id)) do
    local day, hm = clock.split(c.at)
    out[i] = { day = day, hm = hm, actor = known[c.actor] or c.actor, reason = c.reason, to = c.to and (names[c.to] or { zh = c.to, en = c.to }) or REOPENED }
  end
  return out
end

local function money(fen) return fen and ("%d.%02d"):format(fen // 100, fen % 100) or "—" end

local function visit_view(card)
  local v = card.visit
  return { order_no = v.order_no, kind = tasks.work_shown(v.kind), settled_on = v.settled_on or "—", picked_up_on = v.picked_up_on or "—", advisor = v.advisor or "—",
           technician = v.technician or "—", km = v.km or "—", amount = money(v.amount_fen), remark = v.remark or false,
           preferred_time = v.preferred_time or false }
end

-- The car's other visits, and what came of the calls about them.
local function history_view(card, names)
  local out, ids = json.array {}, {}
  for _, h in ipairs(card.history) do
    if h.visit_id ~= card.visit.id then ids[#ids + 1] = h.visit_id end
  end
  local results = tasks.results_of(ids)
  for _, h in ipairs(card.history) do
    local call = results[h.visit_id]
    if h.visit_id ~= card.visit.id then
      out[#out + 1] = { order_no = h.order_no, kind = tasks.work_shown(h.kind), settled_on = h.settled_on or "—", advisor = h.advisor or "—",
                        called = call and { result = names[call.result] or { zh = call.result, en = call.result }, day = call.day } or false }
    end
  end
  return out
end

local function correctable(task) return task.state == "done" and (task.assigned_to == who.actor().login or who.has "supervisor") end

local function undoable(attempts)
  for _, a in ipairs(attempts) do
    if not a.undone then
      return (a.caller == who.actor().login or who.has "supervisor") and clock.split(a.at) == clock.today() and a.result
    end
  end
  return false
end

local STATE = { open = { zh = "待回访", en = "To be called" }, promised = { zh = "已约时间", en = "Promised" },
                contact_fix = { zh = "等待核实联系方式", en = "Waiting for contact data" }, done = { zh = "已完成", en = "Done" } }

-- Before this moment another try would not count.
local function not_before(task)
  if task.state ~= "open" or not task.not_before or task.not_before <= clock.now() then return false end
  local day, hm = clock.split(task.not_before)
  return day == clock.today() and hm or ("%s %s"):format(day, hm)
end

local function task_view(task, names, known)
  local promised = task.promised_at and ("%s %s"):format(clock.split(task.promised_at))
  local today = clock.today()
  return { id = tostring(task.id), no = task.no, due_on = task.due_on, state = STATE[task.state], is_done = task.state == "done",
           is_fix = task.state == "contact_fix", result = task.result and (names[task.result] or { zh = task.result, en = task.result }) or false,
           promised = promised or false, attempts = task.attempts, not_before = not_before(task),
           again = task.state ~= "done" and task.attempts > 0 and task.attempts + 1 or false,
           overdue = task.state == "open" and task.due_on < today and not task.first_attempt_at,
           overdue_days = clock.days_between(task.due_on, today), reason = { zh = task.reason_zh or "", en = task.reason_en or "" }, rule = task.rule or "",
           decision_id = task.decision_id, visit_id = task.visit_id, assigned = task.assigned_to and (known[task.assigned_to] or task.assigned_to) or false }
end

local function unhappy_view(sheet)
  local departments = json.array {}
  for i, d in ipairs(DEPARTMENTS) do departments[i] = d end
  return { text = sheet and calls.problem_text(sheet) or "", departments = departments }
end

-- A model often begins with its series: then it is said once.
local function model_of(vehicle)
  local series, model = vehicle.series or "", vehicle.model or ""
  if series == "" or model:sub(1, #series) == series then return model end
  return model == "" and series or series .. " " .. model
end

local function vehicle_view(vehicle, mine)
  local plate = vehicle.plate
  if plate and not mine then plate = vault.mask("plate", plate) end
  return { plate = plate or "—", model = model_of(vehicle), vin = vault.mask("vin", vehicle.vin) }
end

local function may_claim(task, mine, holder)
  return not mine and not holder and task.state ~= "done" and who.has("specialist", "supervisor")
end

local function claimed_till(task, mine)
  return mine and (select(2, clock.split(claims.task(task.id).claimed_until))) or false
end

-- Everything for the page. task and mine as M.open returned them.
function M.view(task, mine)
  local card, attempts, known = archive.card(task.visit_id), tasks.attempts(task.id), who.names()
  local groups, names = M.results()
  local people, dial = people_view(card, mine, task, attempts)
  local sheet = task.sheet_id and survey.sheet(task.sheet_id)
  local holder, last = claims.holder(task), undoable(attempts)
  return {
    task = task_view(task, names, known), mine = mine, holder = holder or false, claimed_till = claimed_till(task, mine),
    may_claim = may_claim(task, mine, holder), people = people, dial = dial and dial.id or false,
    vehicle = vehicle_view(card.vehicle, mine), visit = visit_view(card), history = history_view(card, names),
    sheet = sheet and sheet_view(sheet, values_of(card, mine), not mine) or false, unhappy_form = unhappy_view(sheet),
    groups = groups, attempts_made = attempts_view(attempts, names, known), undo = last and names[last] or false,
    corrected = corrections_view(task, names, known), may_correct = correctable(task), corrections = closing_results(names),
    forms = json.array(complaint.for_visit(task.visit_id)), now = clock.now(), today = clock.today(), tomorrow = clock.add_days(clock.today(), 1),
  }
end

return M
