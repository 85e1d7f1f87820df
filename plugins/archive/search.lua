-- Finds a car and its people by what a customer says when he rings back: plate, last four digits, whole number, name, order number, VIN.
-- What comes out is masked.
local db = require "host.db"
local who = require "host.who"
local text = require "host.text"
local vault = require "host.vault"
local clean = require "archive.clean"
local card = require "archive.card"

local search = {}
local LIMIT = 60

local function like(s) return (s:gsub("[\\%%_]", "\\%0")) end

local function add_ids(into, rows)
  for _, row in ipairs(rows) do
    if not into[row.id] then
      into[row.id] = true
      into[#into + 1] = row.id
    end
  end
end

-- An advisor finds the visits that he received, and no others (domain P): the statement says so, so that a limit cuts nothing of his.
local function own_name()
  if who.has("specialist", "supervisor", "director", "general-manager") then return nil end
  return who.actor().name
end

local function select(condition, own)
  return "SELECT v.id FROM archive_visit v JOIN archive_vehicle c ON c.id = v.vehicle_id WHERE (" .. condition .. ")"
    .. (own and " AND v.advisor = ?" or "") .. " ORDER BY coalesce(v.settled_on, v.opened_on) DESC NULLS LAST, v.id DESC LIMIT " .. LIMIT
end

local function add(into, own, condition, ...)
  local args = table.pack(...)
  args[args.n + 1] = own
  add_ids(into, db.all(select(condition, own), table.unpack(args, 1, args.n + (own and 1 or 0))))
end

local function by_customer(into, own, rows)
  for _, row in ipairs(rows) do
    add(into, own, "v.owner_id = ? OR v.bringer_id = ? OR v.contact_id = ?", row.id, row.id, row.id)
  end
end

local CUSTOMERS = 20 -- of one name or one ending

local function by_phone(into, own, q)
  if q:find("^%d%d%d%d$") then
    by_customer(into, own, db.all("SELECT DISTINCT customer_id AS id FROM archive_phone WHERE last4_index IN (?, ?) LIMIT " .. CUSTOMERS,
      vault.indexes("phone4", q)))
  end
  local number = clean.phone(q)
  if number then
    by_customer(into, own, db.all("SELECT DISTINCT customer_id AS id FROM archive_phone WHERE number_index IN (?, ?) LIMIT " .. CUSTOMERS,
      vault.indexes("phone", number)))
  end
end

local function by_car(into, own, q)
  local plate = clean.simple(q:upper()):gsub("[%s%.%-]", ""):gsub("·", "")
  if #plate >= 3 then add(into, own, "c.plate LIKE ? ESCAPE '\\'", "%" .. like(plate) .. "%") end
  if plate:find("^[A-HJ-NPR-Z0-9]+$") and #plate >= 5 then add(into, own, "c.vin LIKE ? ESCAPE '\\'", "%" .. like(plate)) end
end

local function by_words(into, own, q)
  local order = q:upper():gsub("%s", "")
  if #order >= 5 then
    add(into, own, "v.order_no LIKE ? ESCAPE '\\' OR v.order_no LIKE ? ESCAPE '\\'", like(order) .. "%", "%" .. like(order))
  end
  if not q:find("^[%w%-]+$") or q:find("^%a+$") then
    by_customer(into, own, db.all("SELECT id FROM archive_customer WHERE name LIKE ? ESCAPE '\\' ORDER BY updated_at DESC LIMIT " .. CUSTOMERS,
      like(q) .. "%"))
  end
end

local function rank(row) return row.settled_on or row.opened_on or "" end

-- One line per car: its latest visit among those found, and how many were found.
local function per_car(rows)
  table.sort(rows, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) > rank(b) end
    return a.id > b.id
  end)
  local out, seen = {}, {}
  for _, row in ipairs(rows) do
    local first = seen[row.vehicle_id]
    if first then
      first.visits = first.visits + 1
    else
      row.visits = 1
      seen[row.vehicle_id], out[#out + 1] = row, row
    end
  end
  return out
end

local function shown(row, phones)
  local list = phones[row.bringer_id] or phones[row.owner_id] or {}
  return {
    id = row.id, order_no = row.order_no, settled_on = row.settled_on, advisor = row.advisor, series = row.model or row.series,
    visits = row.visits, often = row.visits > 1,
    name = vault.mask("name", row.name), plate = row.plate and vault.mask("plate", row.plate), vin = vault.mask("vin", row.vin),
    phone = list[1] and list[1].mask, no_call = row.no_call == 1,
  }
end

-- q -> { {id, name, plate, ...} }, how many more there are
function search.find(q)
  q = text.cut(text.clean(q), 60)
  if text.length(q) < 2 then return {}, 0 end
  local ids, own = {}, own_name()
  by_phone(ids, own, q)
  by_car(ids, own, q)
  by_words(ids, own, q)
  local rows = card.all_in([[SELECT v.id, v.vehicle_id, v.order_no, v.settled_on, v.opened_on, v.advisor, v.owner_id, v.bringer_id, c.plate, c.vin,
    c.series, c.model, coalesce(o.name, b.name, '') AS name, coalesce(o.no_call, 0) AS no_call FROM archive_visit v
    JOIN archive_vehicle c ON c.id = v.vehicle_id LEFT JOIN archive_customer o ON o.id = v.owner_id
    LEFT JOIN archive_customer b ON b.id = v.bringer_id WHERE v.id IN (%s)]], ids)
  local cars, people = per_car(rows), {}
  local more = math.max(#cars - 30, 0)
  for i = #cars, 31, -1 do cars[i] = nil end
  for _, row in ipairs(cars) do people[#people + 1] = row.bringer_id; people[#people + 1] = row.owner_id end
  local phones, out = card.phones_by_customer(people), {}
  for i, row in ipairs(cars) do out[i] = shown(row, phones) end
  return out, more
end

return search
