-- Who a name and its numbers on a work order are: someone known, or someone new (domain F7).
-- Exact: number and name. Strong: a name known on this very car; a number known on this car with a name that does not contradict.
-- Companies are one customer over many cars. Nothing is ever merged by a name alone.
local db = require "host.db"
local clean = require "archive.clean"
local vault = require "host.vault"

local people = {}

-- The index of a number, and how it stands in rows that a change of the dealership's key has not reached.
local function indexes_of(phone) return vault.indexes("phone", phone.number) end

local function agree(a, b)
  if a == b or a == "" or b == "" then return true end
  local short_a, short_b = clean.surname(a), clean.surname(b)
  return short_a and b:sub(1, #short_a) == short_a or short_b and a:sub(1, #short_b) == short_b or false
end

local function around(vehicle_id)
  if not vehicle_id then return {} end
  return db.all([[SELECT id, kind, name, owner_no FROM archive_customer WHERE id IN (
      SELECT owner_id FROM archive_vehicle WHERE id = ? UNION SELECT owner_id FROM archive_visit WHERE vehicle_id = ?
      UNION SELECT bringer_id FROM archive_visit WHERE vehicle_id = ? UNION SELECT contact_id FROM archive_visit WHERE vehicle_id = ?)
    ORDER BY id]], vehicle_id, vehicle_id, vehicle_id, vehicle_id)
end

local function by_number(person)
  local out = {}
  for _, phone in ipairs(person.phones) do
    for _, row in ipairs(db.all([[SELECT c.id, c.kind, c.name, c.owner_no FROM archive_phone p JOIN archive_customer c ON c.id = p.customer_id
        WHERE p.number_index IN (?, ?) ORDER BY c.id LIMIT 50]], indexes_of(phone))) do
      out[#out + 1] = row
    end
  end
  return out
end

local function real_owner_no(no)
  return no ~= nil and #no >= 3 and not clean.all_same(no)
end

local function find(person, vehicle_id)
  local numbered = by_number(person)
  for _, row in ipairs(numbered) do
    if row.name == person.name and person.name ~= "" then return row end
  end
  local near, here = around(vehicle_id), {}
  for _, row in ipairs(near) do
    here[row.id] = true
    if row.name == person.name and person.name ~= "" then return row end
  end
  for _, row in ipairs(numbered) do
    if here[row.id] and agree(row.name, person.name) then return row end
  end
  if real_owner_no(person.owner_no) then
    local row = db.one("SELECT id, kind, name, owner_no FROM archive_customer WHERE name = ? AND owner_no = ? ORDER BY id LIMIT 1", person.name,
      person.owner_no)
    if row then return row end
  end
  if person.kind == "company" and person.name ~= "" then
    return db.one("SELECT id, kind, name, owner_no FROM archive_customer WHERE name = ? AND kind = 'company' ORDER BY id LIMIT 1", person.name)
  end
end

local function insert(person, now)
  local id = vault.person()
  db.run("INSERT INTO archive_customer (id, kind, name, owner_no, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)", id, person.kind,
    person.name, real_owner_no(person.owner_no) and person.owner_no or nil, now, now)
  return id
end

-- The fuller name wins: 张先生 becomes 张三, never the other way round.
local function refresh(row, person, now)
  local name = row.name
  if person.name ~= "" and (name == "" or clean.surname(name) and not clean.surname(person.name)) then name = person.name end
  local no = real_owner_no(person.owner_no) and person.owner_no or row.owner_no
  local kind = person.kind == "company" and "company" or row.kind
  if name == row.name and no == row.owner_no and kind == row.kind then return false end
  db.run("UPDATE archive_customer SET name = ?, owner_no = ?, kind = ?, updated_at = ? WHERE id = ?", name, no, kind, now, row.id)
  return true
end

-- Adds a number to a customer, if it is new there: id, made?
function people.add_phone(customer_id, phone, source, now)
  local index, before = indexes_of(phone)
  local known = db.one("SELECT id FROM archive_phone WHERE customer_id = ? AND number_index IN (?, ?)", customer_id, index, before)
  if known then return known.id, false end
  local id = db.id()
  db.run([[INSERT INTO archive_phone (id, customer_id, kind, number_sealed, number_index, last4_index, number_mask, state, source, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'ok', ?, ?)]], id, customer_id, phone.kind, vault.seal("archive_phone", "number_sealed", id, phone.number, customer_id), index,
    vault.index("phone4", phone.number:sub(-4)), vault.mask(phone.kind, phone.number), source, now)
  return id, true
end

-- Whose words the words of a visit are (domain L16): who brought the car, else the owner, else the contact; 0: nobody is known.
function people.of_visit(row) return row.bringer_id or row.owner_id or row.contact_id or 0 end

function people.is_erased(id)
  return id ~= nil and db.one("SELECT 1 AS yes FROM archive_customer WHERE id = ? AND erased_at IS NOT NULL", id) ~= nil
end

-- person = { name, kind, owner_no?, phones = { {number, kind} } } -> customer id, whether anything was written
function people.resolve(person, vehicle_id, now)
  local row = find(person, vehicle_id)
  local id, changed
  if row then
    id, changed = row.id, refresh(row, person, now)
  else
    id, changed = insert(person, now), true
  end
  for _, phone in ipairs(person.phones) do
    local _, made = people.add_phone(id, phone, "import", now)
    changed = changed or made
  end
  return id, changed
end

return people
