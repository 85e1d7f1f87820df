-- The life of an import: begin, batches of lines, end. Each line is exactly one of new, updated, skipped, refused (domain L15);
-- each batch is one transaction that carries its lines, their notes and the import's counts, so what stands in the store is always whole.
local db = require "host.db"
local clock = require "host.clock"
local json = require "host.json"
local text = require "host.text"
local vault = require "host.vault"
local who = require "host.who"
local clean = require "archive.clean"
local columns = require "archive.columns"
local line = require "archive.line"
local notes = require "archive.notes"
local orders = require "archive.orders"

local import = {}
local COUNTS = { "read", "new", "updated", "skipped", "refused", "warned" }

local function required(value, zh, en)
  if value == nil or value == "" then error({ zh = zh, en = en }, 0) end
  return value
end

-- o = { file_name, file_hash, encoding, delimiter, columns = { headings = {...}, fields = {...} } } -> id
function import.begin(o)
  local map = required(o.columns, "导入缺少列的对应关系", "the import lacks its columns")
  local guess = columns.guess(map.headings, map.fields)
  if #guess.problems > 0 then error({ zh = guess.problems[1].zh, en = guess.problems[1].en }, 0) end
  local id = db.id()
  db.run("INSERT INTO archive_import (id, file_name, file_hash, encoding, delimiter, columns, actor, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", id,
    required(text.clean(o.file_name or ""), "导入缺少文件名", "the import lacks a file name"), o.file_hash or "", o.encoding or "", o.delimiter or "",
    json.encode { headings = json.array(map.headings), fields = json.array(guess.fields) }, who.actor().login, clock.now())
  return id
end

local function load(import_id)
  local row = db.one("SELECT id, columns, ended_at FROM archive_import WHERE id = ?", import_id)
  if not row then error({ zh = "没有这次导入：" .. tostring(import_id), en = "there is no such import: " .. tostring(import_id) }, 0) end
  if row.ended_at then error({ zh = "这次导入已经结束", en = "this import has ended" }, 0) end
  local map = json.decode(row.columns)
  return line.plan(map.headings, map.fields, columns.words())
end

local function met_before(import_id, order_no)
  return db.one("SELECT 1 AS met FROM archive_import_order WHERE import_id = ? AND order_no = ?", import_id, order_no) ~= nil
end

-- A line as an item to file: "skipped", "refused" with its note, or a record. met: orders taken so far, by number.
local function look(plan, row, met, import_id)
  local item = { line = row.line, notes = {} }
  if line.is_blank(row.cells) or clean.is_total(row.cells, plan.count) or line.is_continuation(plan, row.cells) then
    item.verdict = "skipped"
    return item
  end
  local order_no = line.order_no(plan, row.cells)
  if order_no and met[order_no] == nil then met[order_no] = met_before(import_id, order_no) end
  if order_no and met[order_no] then
    item.verdict = "skipped"
    return item
  end
  local record, refusal = line.read(plan, row.cells)
  if not record then
    item.verdict, item.cells = "refused", row.cells
    item.notes[1] = notes.make(row.line, "refused", refusal.field, refusal.code, refusal.value)
    return item
  end
  item.record, met[order_no] = record, true
  for _, doubt in ipairs(record.doubts) do
    item.notes[#item.notes + 1] = notes.make(row.line, "warned", doubt.field, doubt.code, doubt.value)
  end
  return item
end

local function judge(import_id, item, now)
  if item.verdict then return item.verdict end
  local verdict = orders.file(item.record, { import_id = import_id, line = item.line }, now)
  db.run("INSERT INTO archive_import_order (import_id, order_no) VALUES (?, ?)", import_id, item.record.values.order_no)
  return verdict
end

local function keep_note(import_id, note, cells)
  local id = db.id()
  local row = cells and vault.seal("archive_import_note", "row_sealed", id, json.encode(json.array(cells)), 0) or nil -- nobody was made of it
  db.run([[INSERT INTO archive_import_note (id, import_id, line, level, field, code, value_mask, zh, en, row_sealed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)]], id, import_id, note.line, note.level, note.field, note.code, note.value, note.zh, note.en, row)
end

local function file_all(import_id, items)
  local counts, told, now = { read = 0, new = 0, updated = 0, skipped = 0, refused = 0, warned = 0 }, {}, clock.now()
  for _, item in ipairs(items) do
    local verdict = judge(import_id, item, now)
    counts.read, counts[verdict] = counts.read + 1, counts[verdict] + 1
    if verdict ~= "skipped" and #item.notes > 0 then
      if verdict ~= "refused" then counts.warned = counts.warned + 1 end
      for _, note in ipairs(item.notes) do
        keep_note(import_id, note, item.cells)
        told[#told + 1] = note
      end
    end
  end
  db.run([[UPDATE archive_import SET read = read + ?, new = new + ?, updated = updated + ?, skipped = skipped + ?, refused = refused + ?,
    warned = warned + ? WHERE id = ?]], counts.read, counts.new, counts.updated, counts.skipped, counts.refused, counts.warned, import_id)
  counts.notes = told
  return counts
end

-- rows = { {line = n, cells = {...}} ... }, at most some hundreds -> counts and notes of these lines
function import.rows(import_id, rows)
  local plan, items, met = load(import_id), {}, {}
  for i, row in ipairs(rows) do items[i] = look(plan, row, met, import_id) end
  return db.tx(function() return file_all(import_id, items) end)
end

-- -> the counts of the whole import
function import.finish(import_id)
  return db.tx(function()
    db.run("DELETE FROM archive_import_order WHERE import_id = ?", import_id)
    db.run("UPDATE archive_import SET ended_at = ? WHERE id = ? AND ended_at IS NULL", clock.now(), import_id)
    local row, out = db.one("SELECT read, new, updated, skipped, refused, warned FROM archive_import WHERE id = ?", import_id), {}
    if not row then error({ zh = "没有这次导入", en = "there is no such import" }, 0) end
    for _, key in ipairs(COUNTS) do out[key] = row[key] end
    return out
  end)
end

function import.stop(import_id)
  db.run("DELETE FROM archive_import_order WHERE import_id = ?", import_id)
end

-- ---------------------------------------------------------------------------------------------- mappings

function import.mapping(signature, before)
  local row = db.one("SELECT columns FROM archive_mapping WHERE signature IN (?, ?)", signature, before)
  return row and json.decode(row.columns) or nil
end

function import.remember(headings, mapping)
  local signature, before = columns.signature(headings)
  if before ~= signature then db.run("DELETE FROM archive_mapping WHERE signature = ?", before) end
  db.run([[INSERT INTO archive_mapping (signature, columns, actor, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (signature) DO UPDATE SET columns = excluded.columns, actor = excluded.actor, at = excluded.at]],
    signature, json.encode(json.array(mapping)), who.actor().login, clock.now())
end

local LOOK = 30 -- rows in which a header may stand

-- A row whose headings a clerk has mapped before is the header, whatever else is known of it.
local function remembered_row(rows)
  for at = 1, math.min(#rows, LOOK) do
    local headings = columns.trim(rows[at])
    local mapping = #headings > 1 and import.mapping(columns.signature(headings))
    if mapping then return { at = at, headings = headings }, mapping end
  end
end

-- Where nothing is known: the fullest of the first rows, for a clerk to map.
local function fullest_row(rows)
  local best, most = nil, 1
  for at = 1, math.min(#rows, LOOK) do
    local n = 0
    for _, cell in ipairs(rows[at]) do n = n + (clean.cell(cell) and 1 or 0) end
    if n > most then best, most = { at = at, headings = rows[at] }, n end
  end
  return best
end

-- The header of a file and what its columns mean: rows are the first records. A mapping once corrected for these headings goes first;
-- any = true takes the fullest row where no header is known, so that a clerk can map it.
-- -> { at, headings, fields, problems, signature, remembered } or nil
function import.header(rows, any)
  local found, mapping = remembered_row(rows)
  if not found then
    found = columns.header(rows) or any and fullest_row(rows) or nil
    if not found then return nil end
    found.headings = columns.trim(found.headings)
    mapping = import.mapping(columns.signature(found.headings))
  end
  local samples = {}
  for i = found.at + 1, #rows do samples[#samples + 1] = rows[i] end
  local guess = columns.guess(found.headings, mapping, samples)
  return { at = found.at, headings = found.headings, fields = guess.fields, problems = guess.problems, signature = guess.signature,
    remembered = mapping ~= nil }
end

-- ---------------------------------------------------------------------------------------------- refused lines

local EXTRA_HEADINGS = { zh = { "原行号", "拒绝原因", "改正办法" }, en = { "source line", "reason refused", "how to correct" } }

-- Rows of the file that gives the refused lines back: the original columns, then line, reason and remedy, which an import ignores.
function import.refused_rows(import_id, lang)
  local row = db.one("SELECT columns FROM archive_import WHERE id = ?", import_id)
  if not row then return nil end
  local headings = json.decode(row.columns).headings
  local width, out = #headings, {}
  for i, title in ipairs(EXTRA_HEADINGS[lang] or EXTRA_HEADINGS.zh) do headings[width + i] = title end
  out[1] = headings
  for _, note in ipairs(db.all([[SELECT id, line, code, zh, en, row_sealed FROM archive_import_note WHERE import_id = ? AND level = 'refused'
      AND row_sealed IS NOT NULL ORDER BY line, id]], import_id)) do
    local cells = json.decode(vault.open("archive_import_note", "row_sealed", note.id, note.row_sealed))
    local line_out = {}
    for i = 1, width do line_out[i] = cells[i] or "" end
    line_out[width + 1], line_out[width + 2] = note.line, lang == "en" and note.en or note.zh
    line_out[width + 3] = notes.remedy(note.code)[lang == "en" and "en" or "zh"]
    out[#out + 1] = line_out
  end
  return out
end

return import
