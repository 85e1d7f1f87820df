-- Empties what stands plainly of a person. Sealed values are left where they are: without the key they are noise, and a page that shows one says
-- that it was erased.
local db = require "host.db"
local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local vault = require "host.vault"

local wipe = {}

-- In the place of a name: what every list shows where there is none, in any language, and a mask leaves it as it is.
wipe.NOBODY = "—"

local function numbers_of(person)
  local out = {}
  for _, row in ipairs(db.all("SELECT id, number_sealed, number_index FROM archive_phone WHERE customer_id = ?", person)) do
    local number, erased = vault.open("archive_phone", "number_sealed", row.id, row.number_sealed)
    if not erased then out[#out + 1] = number end
  end
  return out
end

local function speaks_of(text, numbers)
  local plain = text:gsub("[ %-]", "")
  for _, number in ipairs(numbers) do
    if text:find(number, 1, true) or plain:find((number:gsub("[ %-]", "")), 1, true) then return true end
  end
  return false
end

-- Lines that were refused belong to nobody yet, but a cell may hold this person's number; so may the masks of a warning.
local function import_notes(person, numbers)
  local found = {}
  for row in db.each("SELECT id, row_sealed FROM archive_import_note WHERE row_sealed IS NOT NULL") do
    if speaks_of(vault.open("archive_import_note", "row_sealed", row.id, row.row_sealed), numbers) then found[#found + 1] = row.id end
  end
  for _, id in ipairs(found) do
    db.run("UPDATE archive_import_note SET row_sealed = NULL, value_mask = NULL, zh = ?, en = ? WHERE id = ?", "已按本人要求删除",
      "erased on request", id)
  end
  return #found + db.run([[UPDATE archive_import_note SET value_mask = NULL, zh = ?, en = ? WHERE value_mask IS NOT NULL AND (
      value_mask IN (SELECT number_mask FROM archive_phone WHERE customer_id = ?)
      OR EXISTS (SELECT 1 FROM archive_visit v WHERE v.import_id = archive_import_note.import_id AND v.line = archive_import_note.line
        AND ? IN (v.owner_id, v.bringer_id, v.contact_id)))]], "已按本人要求删除", "erased on request", person, person)
end

-- The content's hash goes, too: with the index key one could try numbers against it.
local function visits(person)
  return db.run([[UPDATE archive_visit SET no_call_reason = NULL, preferred_time = NULL, extra = '{}', content_hash = ''
    WHERE ? IN (owner_id, bringer_id, contact_id)]], person)
end

local function phones(person)
  return db.run([[UPDATE archive_phone SET number_index = NULL, last4_index = NULL, number_mask = '***', state = 'bad', source = 'erased'
    WHERE customer_id = ?]], person)
end

-- The row stays, because visits point to it; nobody is called by it.
local function customer(person)
  local now = clock.now()
  db.run([[UPDATE archive_customer SET name = ?, owner_no = NULL, no_call = 1, no_call_reason = NULL, no_call_reason_sealed = NULL,
      no_call_at = ?, updated_at = ?, erased_at = ?
    WHERE id = ?]], wipe.NOBODY, now, now, now, person)
  return 1
end

-- Inside a transaction. -> { names, numbers, visits, vehicles, notes }
function wipe.person(person)
  local numbers = numbers_of(person)
  return {
    notes = import_notes(person, numbers), numbers = phones(person), visits = visits(person), names = customer(person),
    vehicles = db.run("UPDATE archive_vehicle SET owner_id = NULL WHERE owner_id = ?", person),
  }
end

-- Whether the number stands in it cannot be seen in a workbook (packed) or in UTF-16: such a file counts as if it did.
local function may_speak_of(bytes, numbers)
  local first = bytes:sub(1, 2)
  return first == "PK" or first == "\xFF\xFE" or first == "\xFE\xFF" or speaks_of(bytes, numbers)
end

local function file_names()
  local out = {}
  for _, row in ipairs(db.all "SELECT name FROM archive_upload") do out[#out + 1] = row.name end
  for _, row in ipairs(db.all "SELECT id FROM archive_import WHERE refused > 0") do out[#out + 1] = ("refused-%s.csv"):format(row.id) end
  for _, row in ipairs(db.all "SELECT params FROM host_job WHERE state IN ('done', 'failed', 'cancelled') AND script = 'import-dms'") do
    out[#out + 1] = json.decode(row.params).file
  end
  return out
end

-- Files of the site that hold one of the person's numbers: uploads not imported yet, refused lines given back. Before the key is destroyed.
function wipe.files(person)
  local numbers, n = numbers_of(person), 0
  for _, name in ipairs(file_names()) do
    local bytes = file.read(name)
    if bytes and may_speak_of(bytes, numbers) then
      file.remove(name)
      n = n + 1
    end
  end
  return n
end

return wipe
