-- What is known around a visit: the card that a call, a form and the search show.
local db = require "host.db"
local audit = require "host.audit"
local clock = require "host.clock"
local vault = require "host.vault"
local clean = require "archive.clean"
local people = require "archive.people"

local card = {}
local IN_AT_ONCE = 90 -- a statement takes at most 100 parameters

local function no_such(zh, en) error({ zh = zh, en = en }, 0) end

-- Runs sql with its "(%s)" filled by as many marks as there are ids, in pieces.
local function all_in(sql, ids)
  local out = {}
  for from = 1, #ids, IN_AT_ONCE do
    local to = math.min(from + IN_AT_ONCE - 1, #ids)
    local marks = ("?, "):rep(to - from) .. "?"
    for _, row in ipairs(db.all(sql:format(marks), table.unpack(ids, from, to))) do out[#out + 1] = row end
  end
  return out
end
card.all_in = all_in

-- Usable numbers first, then the newest, a mobile before a fixed line of the same import.
local function phones_by_customer(ids)
  local out = {}
  for _, row in ipairs(all_in([[SELECT id, customer_id, kind, number_mask AS mask, state, source FROM archive_phone WHERE customer_id IN (%s)
      ORDER BY CASE state WHEN 'ok' THEN 0 ELSE 1 END, created_at DESC, CASE kind WHEN 'mobile' THEN 0 ELSE 1 END, id]], ids)) do
    local list = out[row.customer_id] or {}
    out[row.customer_id] = list
    list[#list + 1] = { id = row.id, kind = row.kind, mask = row.mask, state = row.state, source = row.source }
  end
  return out
end
card.phones_by_customer = phones_by_customer

local function reachable(person)
  for _, phone in ipairs(person.phones) do
    if phone.state == "ok" then return true end
  end
  return false
end

local function why_no_call(row)
  return row.no_call_reason_sealed and vault.open("archive_customer", "no_call_reason_sealed", row.id, row.no_call_reason_sealed) or row.no_call_reason
end

-- Domain L16: who brought the car, else the owner, else the contact; whoever has no usable number stands behind those who have.
local function people_of(visit)
  local ids, roles, seen = {}, {}, {}
  for _, role in ipairs { "bringer", "owner", "contact" } do
    local id = visit[role .. "_id"]
    if id and not seen[id] then
      seen[id] = true
      ids[#ids + 1], roles[#roles + 1] = id, role
    end
  end
  local names, phones = {}, phones_by_customer(ids)
  for _, row in ipairs(all_in([[SELECT id, name, kind, no_call, no_call_reason, no_call_reason_sealed, erased_at FROM archive_customer
      WHERE id IN (%s)]], ids)) do names[row.id] = row end
  local first, last = {}, {}
  for i, id in ipairs(ids) do
    local row = names[id]
    local person = { role = roles[i], customer_id = id, name = row.name, kind = row.kind, no_call = row.no_call == 1,
      no_call_reason = why_no_call(row), erased = row.erased_at ~= nil, phones = phones[id] or {} }
    local list = reachable(person) and first or last
    list[#list + 1] = person
  end
  return table.move(last, 1, #last, #first + 1, first)
end

local function history_of(vehicle_id)
  return db.all([[SELECT id AS visit_id, order_no, kind, settled_on, picked_up_on, advisor, km, amount_fen FROM archive_visit WHERE vehicle_id = ?
    ORDER BY coalesce(settled_on, opened_on) DESC NULLS LAST, id DESC LIMIT 50]], vehicle_id)
end

function card.of(visit_id)
  local row = db.one("SELECT * FROM archive_visit WHERE id = ?", visit_id)
  if not row then no_such("没有这次维修记录", "there is no such visit") end
  local vehicle = db.one("SELECT id, vin, plate, brand, series, model, sold_on, km, km_on FROM archive_vehicle WHERE id = ?", row.vehicle_id)
  local visit = { id = row.id, order_no = row.order_no, kind = row.kind, opened_on = row.opened_on, settled_on = row.settled_on,
    picked_up_on = row.picked_up_on, advisor = row.advisor, technician = row.technician, km = row.km, amount_fen = row.amount_fen,
    no_call_reason = row.no_call_reason, preferred_time = row.preferred_time,
    remark = row.remark_sealed and vault.open("archive_visit", "remark_sealed", row.id, row.remark_sealed) or nil }
  return { visit = visit, vehicle = vehicle, people = people_of(row), history = history_of(row.vehicle_id) }
end

function card.visit_person(order_no, role)
  local row = db.one("SELECT owner_id AS owner, bringer_id AS bringer, contact_id AS contact FROM archive_visit WHERE order_no = ?", order_no)
  return row and row[role]
end

function card.person_of(visit_id)
  local row = db.one("SELECT owner_id, bringer_id, contact_id FROM archive_visit WHERE id = ?", visit_id)
  return row and people.of_visit(row) or 0
end

-- ids -> map id (as text) -> what a list shows of a visit; name is the owner's, else the bringer's
function card.visits(ids)
  local out = {}
  for _, row in ipairs(all_in([[SELECT v.id, v.order_no, v.kind, v.advisor, v.settled_on, v.picked_up_on, c.plate, c.vin, c.series, c.model,
      coalesce(o.name, b.name, '') AS name FROM archive_visit v JOIN archive_vehicle c ON c.id = v.vehicle_id
      LEFT JOIN archive_customer o ON o.id = v.owner_id LEFT JOIN archive_customer b ON b.id = v.bringer_id WHERE v.id IN (%s)]], ids)) do
    out[tostring(row.id)] = row
  end
  return out
end

-- ---------------------------------------------------------------------------------------------- numbers

local function phone_row(phone_id)
  local row = db.one("SELECT id, customer_id, kind, number_sealed, number_mask FROM archive_phone WHERE id = ?", phone_id)
  if not row then no_such("没有这个号码", "there is no such number") end
  return row
end

-- The plain number; who asks has checked that it may. Leaves an audit row without the number: from where ("call", "card"), and the reason sealed.
function card.number(phone_id, from, reason)
  local row = phone_row(phone_id)
  local number, erased = vault.open("archive_phone", "number_sealed", row.id, row.number_sealed)
  audit.write("unmask", "phone:" .. phone_id, from or "call", not erased and reason or nil, row.customer_id)
  return number, erased
end

local MADE_UP = { zh = "这是凑数的号码", en = "this is a made-up number" }
local ADD_ERRORS = {
  phone_dummy = MADE_UP,
  phone_scientific = { zh = "请填写完整的号码", en = "write the whole number" },
  phone_area = { zh = "固定电话请加区号，如 023-12345678", en = "a fixed line needs its area code, as 023-12345678" },
  phone_form = { zh = "认不出这个号码：手机 11 位，固定电话带区号", en = "this is no readable number: 11 digits for a mobile, a fixed line with its area code" },
}

function card.add_number(customer_id, text, source)
  if not db.one("SELECT id FROM archive_customer WHERE id = ?", customer_id) then no_such("没有这位客户", "there is no such customer") end
  if people.is_erased(customer_id) then
    no_such("这位客户的资料已按要求删除，不能再登记号码", "this customer was erased on request; no number can be added")
  end
  local number, code, kind = clean.phone(text)
  if not number then error(ADD_ERRORS[code] or { zh = "请填写号码", en = "write a number" }, 0) end
  if clean.is_dummy(number) then error(MADE_UP, 0) end
  return db.tx(function()
    local now = clock.now()
    local id, made = people.add_phone(customer_id, { number = number, kind = kind }, source or "call", now)
    -- a number given again is the one to try first, whatever was thought of it
    if not made then db.run("UPDATE archive_phone SET state = 'ok', state_at = ?, created_at = ? WHERE id = ?", now, now, id) end
    audit.write("phone-added", "customer:" .. customer_id, source or "call")
    return id
  end)
end

function card.phone_state(phone_id, state)
  if state ~= "ok" and state ~= "bad" then no_such("号码状态只能是 ok 或 bad", "a number's state is ok or bad") end
  phone_row(phone_id)
  db.run("UPDATE archive_phone SET state = ?, state_at = ? WHERE id = ? AND state <> ?", state, clock.now(), phone_id, state)
end

function card.no_call(customer_id, reason)
  local now = clock.now()
  db.tx(function()
    local n = db.run("UPDATE archive_customer SET no_call = 1, no_call_reason_sealed = ?, no_call_at = ?, updated_at = ? WHERE id = ?",
      vault.seal("archive_customer", "no_call_reason_sealed", customer_id, reason, customer_id), now, now, customer_id)
    if n == 0 then no_such("没有这位客户", "there is no such customer") end
    audit.write("no-call", "customer:" .. customer_id, "set")
  end)
end

-- Takes the flag back, where the customer says so or it was set by mistake.
function card.may_call(customer_id, reason)
  local now = clock.now()
  db.tx(function()
    local n = db.run([[UPDATE archive_customer SET no_call = 0, no_call_reason = NULL, no_call_reason_sealed = NULL, no_call_at = NULL, updated_at = ?
      WHERE id = ? AND erased_at IS NULL]], now, customer_id)
    if n == 0 then no_such("没有这位客户", "there is no such customer") end
    audit.write("no-call", "customer:" .. customer_id, "taken back", reason, customer_id)
  end)
end

return card
