-- The card of a visit: its customer, car, numbers, earlier visits, calls and forms.
local json = require "host.json"
local page = require "host.page"
local text = require "host.text"
local vault = require "host.vault"
local who = require "host.who"
local around = require "archive.around"
local card = require "archive.card"
local show = require "archive.show"

local SEE = { "specialist", "supervisor", "director", "advisor", "general-manager" }
local UNMASK = { "supervisor", "director", "advisor", "general-manager" }
local ERASE = { "supervisor", "general-manager" }
local WRITE = { "specialist", "supervisor" }
local TITLE = { zh = "客户卡片", en = "Customer card" }
local ROLES = { owner = { zh = "车主", en = "owner" }, bringer = { zh = "送修人", en = "brought the car" }, contact = { zh = "联系人", en = "contact" } }
local ERASED = { zh = "（已按本人要求删除）", en = "(erased on request)" }
local SOURCES = { import = { zh = "导入", en = "import" }, call = { zh = "回访时登记", en = "added in a call" },
  card = { zh = "卡片上登记", en = "added on the card" }, advisor = { zh = "服务顾问提供", en = "from the advisor" } }

-- An advisor sees his own customers only (domain P).
local function own_card(id)
  local data = card.of(id)
  if not who.has("specialist", "supervisor", "director", "general-manager") and data.visit.advisor ~= who.actor().name then
    error({ zh = "这不是您接待的客户", en = "this is not your customer" }, 0)
  end
  return data
end

-- Domain P: the specialist's and the general manager's card is masked, those who answer for the customer see him plainly.
local function covered(kind, value)
  if value == nil or who.has("supervisor", "director", "advisor") then return value end
  return vault.mask(kind, value)
end

local function car_of(vehicle)
  local series, model = vehicle.series or "", vehicle.model or ""
  if model:sub(1, #series) == series then series = "" end
  return (((vehicle.brand or "") .. " " .. series .. " " .. model):gsub("%s+", " "))
end

local function phone_view(phone, lang)
  local source = SOURCES[phone.source]
  return { id = phone.id, mask = phone.mask, mobile = phone.kind == "mobile", bad = phone.state == "bad",
    source = source and source[lang] or phone.source, may_unmask = who.has(table.unpack(UNMASK)) }
end

local function people_view(people, lang)
  local out = json.array {}
  for i, person in ipairs(people) do
    local phones = json.array {}
    for n, phone in ipairs(person.erased and {} or person.phones) do phones[n] = phone_view(phone, lang) end
    local there = not person.erased
    out[i] = { role = ROLES[person.role][lang], customer_id = person.customer_id, named = person.name ~= "",
      name = there and covered("name", person.name) or ERASED[lang], company = person.kind == "company", no_call = person.no_call and there,
      no_call_reason = person.no_call_reason or "", phones = phones, no_phone = #phones == 0 and there,
      may_write = there and who.has(table.unpack(WRITE)), may_erase = there and who.has(table.unpack(ERASE)) }
  end
  return out
end

local function history_view(history, current, lang)
  local out = json.array {}
  for i, visit in ipairs(history) do
    -- every name is given: a template looks outwards for what a row lacks, and the card above has the same names
    out[i] = { id = visit.visit_id, order_no = visit.order_no, kind = visit.kind or "", settled = show.day(visit.settled_on, lang) or "",
      advisor = visit.advisor or "", km = visit.km or "", amount = show.yuan(visit.amount_fen) or "", current = visit.visit_id == current }
  end
  return out
end

local function view(id, lang)
  local data = own_card(id)
  local visit, vehicle = data.visit, data.vehicle
  local out = {
    visit_id = visit.id, order_no = visit.order_no, kind = visit.kind, opened = visit.opened_on, settled = visit.settled_on, picked_up = visit.picked_up_on,
    advisor = visit.advisor, technician = visit.technician, km = visit.km, amount = show.yuan(visit.amount_fen), remark = visit.remark,
    no_call_reason = visit.no_call_reason, preferred_time = visit.preferred_time, not_picked_up = visit.picked_up_on == nil,
    plate = covered("plate", vehicle.plate), vin = covered("vin", vehicle.vin), car = car_of(vehicle), sold = vehicle.sold_on,
    people = people_view(data.people, lang), history = history_view(data.history, visit.id, lang), may_write = who.has(table.unpack(WRITE)),
    calls = around.calls(id, lang), exclusions = around.exclusions(id, lang), forms = around.forms(id, lang),
    may_call = who.has("specialist", "supervisor"), may_form = who.has("specialist", "supervisor", "director"),
  }
  for _, call in ipairs(out.calls) do out.call_now = out.call_now or not call.done and call.id or nil end
  out.any_people, out.any_calls, out.any_forms = #out.people > 0, #out.calls > 0 or #out.exclusions > 0, #out.forms > 0
  return out
end

-- The number must be one of this card's: an address with another id unmasks nothing.
local function owned_phone(data, phone_id)
  for _, person in ipairs(data.people) do
    for _, phone in ipairs(person.phones) do
      if phone.id == phone_id then return phone end
    end
  end
  error({ zh = "这个号码不在这张卡片上", en = "this number is not on this card" }, 0)
end

local function owned_customer(data, customer_id)
  for _, person in ipairs(data.people) do
    if person.customer_id == customer_id then return person end
  end
  error({ zh = "这位客户不在这张卡片上", en = "this customer is not on this card" }, 0)
end

-- As it was written; blanks are no reason.
local function given(reason)
  if text.clean(reason) == "" then error({ zh = "请写明原因", en = "give the reason" }, 0) end
  return reason
end

local function back(id) return page.redirect("/visits/" .. tostring(id)) end

return {
  page "GET /visits/:id" {
    who = SEE, params = { id = "id!" }, template = "visit.html", title = TITLE,
    function(req) return view(req.params.id, req.lang) end,
  },
  page "POST /visits/:id/unmask" {
    who = UNMASK, params = { id = "id!", phone = "id!", reason = "string:200!" }, template = "visit_number.html", frame = false,
    function(req)
      local phone = owned_phone(own_card(req.params.id), req.params.phone)
      return { number = card.number(phone.id, "card", given(req.params.reason)) }
    end,
  },
  page "POST /visits/:id/phones" {
    who = WRITE, params = { id = "id!", customer = "id!", number = "string:40!" },
    function(req)
      local person = owned_customer(own_card(req.params.id), req.params.customer)
      card.add_number(person.customer_id, req.params.number, "card")
      return back(req.params.id)
    end,
  },
  page "POST /visits/:id/phone-state" {
    who = WRITE, params = { id = "id!", phone = "id!", state = "string:4!" },
    function(req)
      local phone = owned_phone(own_card(req.params.id), req.params.phone)
      card.phone_state(phone.id, req.params.state)
      return back(req.params.id)
    end,
  },
  page "POST /visits/:id/no-call" {
    who = WRITE, params = { id = "id!", customer = "id!", reason = "string:200!", undo = "boolean" },
    function(req)
      local person, reason = owned_customer(own_card(req.params.id), req.params.customer), given(req.params.reason)
      if req.params.undo then card.may_call(person.customer_id, reason) else card.no_call(person.customer_id, reason) end
      return back(req.params.id)
    end,
  },
}
