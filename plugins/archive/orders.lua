-- Files one record: its people, its vehicle, its visit. Runs inside the batch's transaction; may run again after a rollback.
local db = require "host.db"
local clock = require "host.clock"
local json = require "host.json"
local audit = require "host.audit"
local vault = require "host.vault"
local clean = require "archive.clean"
local people = require "archive.people"

local orders = {}

-- ---------------------------------------------------------------------------------------------- people of a record

local function phones_of(values, role)
  local out, seen = {}, {}
  for _, field in ipairs { role .. "_mobile", role .. "_phone" } do
    for _, phone in ipairs(values[field] or {}) do
      if not seen[phone.number] then
        seen[phone.number] = true
        out[#out + 1] = phone
      end
    end
  end
  return out
end

local function person_of(values, role)
  local name, phones = values[role], phones_of(values, role)
  if not name and #phones == 0 then return nil end
  name = name or ""
  local kind = clean.is_company(name) and "company" or "person"
  if role == "owner" then kind = values.owner_kind or kind end
  return { name = name, kind = kind, owner_no = role == "owner" and values.owner_no or nil, phones = phones }
end

local ROLES = { "owner", "bringer", "contact" }

-- ---------------------------------------------------------------------------------------------- vehicle

local function day_of(values)
  return values.settled or values.picked_up or values.opened
end

-- The newest visit known of a car says who owns it and what its plate is: an older file must not turn that back.
local function is_newest(vehicle_id, day, visit_id)
  local row = db.one([[SELECT max(coalesce(settled_on, picked_up_on, opened_on)) AS last FROM archive_visit WHERE vehicle_id = ? AND id <> ?]],
    vehicle_id, visit_id or 0)
  return not (row and row.last) or day ~= nil and day >= row.last
end

local VEHICLE = { plate = "plate", brand = "brand", series = "series", model = "model", sold_on = "sold" }

local function insert_vehicle(values, now)
  local id = db.id()
  db.run("INSERT INTO archive_vehicle (id, vin, plate, brand, series, model, sold_on, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", id,
    values.vin, values.plate, values.brand, values.series, values.model, values.sold, now, now)
  return id
end

-- true if anything was written
local function refresh_vehicle(row, values, newest, owner_id, now)
  local new = {}
  for column, field in pairs(VEHICLE) do
    local value = values[field]
    new[column] = value ~= nil and (newest or row[column] == nil) and value or row[column]
  end
  new.owner_id, new.km, new.km_on = row.owner_id, row.km, row.km_on
  if owner_id and (newest or not row.owner_id) then new.owner_id = owner_id end
  if values.km and (newest or not row.km) then new.km, new.km_on = values.km, day_of(values) end
  local changed = false
  for _, column in ipairs { "plate", "brand", "series", "model", "sold_on", "owner_id", "km", "km_on" } do
    changed = changed or new[column] ~= row[column]
  end
  if not changed then return false end
  db.run([[UPDATE archive_vehicle SET plate = ?, brand = ?, series = ?, model = ?, sold_on = ?, owner_id = ?, km = ?, km_on = ?, updated_at = ?
    WHERE id = ?]], new.plate, new.brand, new.series, new.model, new.sold_on, new.owner_id, new.km, new.km_on, now, row.id)
  if row.owner_id and new.owner_id ~= row.owner_id then
    audit.write("owner-transfer", "vehicle:" .. row.id, ("customer:%d -> customer:%d"):format(row.owner_id, new.owner_id))
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- visit

-- column = field; a column that this file has is taken as it stands, an empty one too (a settlement can be taken back);
-- one it has not, and one that could not be read, keep what is known.
local TAKEN = {
  kind = "kind", opened_on = "opened", settled_on = "settled", picked_up_on = "picked_up", advisor = "advisor", technician = "technician",
  km = "km", amount_fen = "amount", labour_fen = "labour", parts_fen = "parts", call_wanted = "call_wanted",
  no_call_reason = "no_call_reason", preferred_time = "preferred_time",
}
local COLUMNS = { "kind", "vehicle_id", "owner_id", "bringer_id", "contact_id", "opened_on", "settled_at", "settled_on", "picked_up_on", "advisor",
  "technician", "km", "amount_fen", "labour_fen", "parts_fen", "call_wanted", "no_call_reason", "preferred_time", "extra" }

local function hhmm(minutes)
  return minutes and ("%02d:%02d"):format(minutes // 60, minutes % 60) or "00:00"
end

-- An older export that comes later must not take back that a car was settled or picked up: these days change, they do not go.
local KEPT = { settled_on = true, picked_up_on = true }

local function has_erased(visit)
  for _, role in ipairs(ROLES) do
    if people.is_erased(visit[role .. "_id"]) then return true end
  end
  return false
end

local function visit_of(record, old, vehicle_id, ids)
  local values, row = record.values, {}
  for column, field in pairs(TAKEN) do
    local known = record.mapped[field] and not record.unread[field] and not (KEPT[column] and values[field] == nil)
    if known then row[column] = values[field] else row[column] = old[column] end
  end
  if type(row.call_wanted) == "boolean" then row.call_wanted = row.call_wanted and 1 or 0 end
  row.settled_at = row.settled_on and (row.settled_on == values.settled and clock.at(row.settled_on, hhmm(record.minutes.settled)) or old.settled_at)
  row.vehicle_id = vehicle_id
  for _, role in ipairs(ROLES) do row[role .. "_id"] = ids[role] or old[role .. "_id"] end
  row.extra = next(record.extra) and json.encode(record.extra) or old.extra or "{}"
  if old.id and has_erased(old) then row.no_call_reason, row.preferred_time, row.extra = nil, nil, "{}" end
  return row
end

local function write_visit(id, row, record, place, now)
  local names, marks, args = {}, {}, {}
  for i, column in ipairs(COLUMNS) do
    names[i], marks[i], args[i] = column, "?", row[column]
  end
  local n = #COLUMNS
  args[n + 1], args[n + 2], args[n + 3], args[n + 4], args[n + 5], args[n + 6], args[n + 7] = id, record.values.order_no, record.hash,
    place.import_id, place.line, now, now
  db.run(("INSERT INTO archive_visit (%s, id, order_no, content_hash, import_id, line, created_at, updated_at) VALUES (%s, ?, ?, ?, ?, ?, ?, ?)")
    :format(table.concat(names, ", "), table.concat(marks, ", ")), table.unpack(args, 1, n + 7))
end

local function rewrite_visit(id, row, record, place, now)
  local sets, args = {}, {}
  for i, column in ipairs(COLUMNS) do
    sets[i], args[i] = column .. " = ?", row[column]
  end
  local n = #COLUMNS
  args[n + 1], args[n + 2], args[n + 3], args[n + 4], args[n + 5] = record.hash, place.import_id, place.line, now, id
  db.run(("UPDATE archive_visit SET %s, content_hash = ?, import_id = ?, line = ?, updated_at = ? WHERE id = ?"):format(table.concat(sets, ", ")),
    table.unpack(args, 1, n + 5))
end

local function differs(row, old)
  for _, column in ipairs(COLUMNS) do
    if row[column] ~= old[column] then return true end
  end
  return false
end

local function remark_differs(record, old, id)
  if not record.mapped.remark or people.is_erased(people.of_visit(old)) then return false end
  local before = old.remark_sealed and vault.open("archive_visit", "remark_sealed", id, old.remark_sealed) or nil
  return before ~= record.values.remark
end

local function write_remark(id, text, row)
  db.run("UPDATE archive_visit SET remark_sealed = ? WHERE id = ?", vault.seal("archive_visit", "remark_sealed", id, text, people.of_visit(row)), id)
end

-- ---------------------------------------------------------------------------------------------- all of it

-- Where the known visit's person was erased, an older export does not bring him back.
local function resolve_people(values, vehicle_id, old, now)
  local ids, changed = {}, false
  for _, role in ipairs(ROLES) do
    local person = person_of(values, role)
    if person and not (old and people.is_erased(old[role .. "_id"])) then
      local wrote
      ids[role], wrote = people.resolve(person, vehicle_id, now)
      changed = changed or wrote
    end
  end
  return ids, changed
end

-- "new", "updated" or "skipped" (all is known already). place = { import_id, line }
function orders.file(record, place, now)
  local values = record.values
  local old = db.one("SELECT * FROM archive_visit WHERE order_no = ?", values.order_no)
  if old and (old.content_hash == record.hash or old.content_hash == record.hash_before) then return "skipped" end
  local vehicle = db.one("SELECT id, plate, brand, series, model, sold_on, owner_id, km, km_on FROM archive_vehicle WHERE vin = ?", values.vin)
  local made = not vehicle
  if made then vehicle = { id = insert_vehicle(values, now), plate = values.plate, brand = values.brand, series = values.series,
    model = values.model, sold_on = values.sold } end
  local ids, changed = resolve_people(values, not made and vehicle.id or nil, old, now)
  local newest = is_newest(vehicle.id, day_of(values), old and old.id)
  changed = refresh_vehicle(vehicle, values, newest, ids.owner, now) or changed or made
  local row = visit_of(record, old or {}, vehicle.id, ids)
  if not old then
    local id = db.id()
    write_visit(id, row, record, place, now)
    if values.remark then write_remark(id, values.remark, row) end
    return "new"
  end
  local remark = remark_differs(record, old, old.id)
  if not changed and not remark and not differs(row, old) then return "skipped" end
  rewrite_visit(old.id, row, record, place, now)
  if remark then write_remark(old.id, values.remark, row) end
  return "updated"
end

return orders
