-- Reads one line of an import into a record: cleaned values by field, what was unreadable, what fits no field.
local clean = require "archive.clean"
local fields = require "archive.fields"
local json = require "host.json"
local plain = require("host.text").clean
local vault = require "host.vault"

local line = {}

-- Columns whose headings speak of a person are not kept beside the known ones, whatever they hold.
local PRIVATE = { "身份证", "证件", "地址", "住址", "电话", "手机", "邮箱", "邮件", "mail", "银行", "账号", "帐号", "卡号", "生日", "出生",
  "微信", "qq", "姓名", "联系", "备注", "名称", "phone", "mobile", "address", "name" }

function line.is_private_heading(heading)
  local s = clean.heading(heading)
  for _, mark in ipairs(PRIVATE) do
    if s:find(mark, 1, true) then return true end
  end
  return false
end

-- What a mapping means for reading: field -> its columns from left to right, and the unknown columns that may be kept.
function line.plan(headings, mapping, words)
  local plan = { columns = {}, extra = {}, words = words, count = #headings, mapped = {} }
  for i, field in ipairs(mapping) do
    if fields.by_id[field] then
      plan.columns[field] = plan.columns[field] or {}
      table.insert(plan.columns[field], i)
    elseif field == "" and clean.cell(headings[i]) and not line.is_private_heading(headings[i]) then
      plan.extra[#plan.extra + 1] = { at = i, heading = plain(headings[i]) }
    end
  end
  for field in pairs(plan.columns) do plan.mapped[#plan.mapped + 1] = field end
  table.sort(plan.mapped)
  return plan
end

local function cell_of(plan, cells, field)
  for _, i in ipairs(plan.columns[field] or {}) do
    if clean.cell(cells[i]) then return cells[i] end
  end
end

function line.is_blank(cells)
  for _, cell in ipairs(cells) do
    if clean.cell(cell) then return false end
  end
  return true
end

-- A line below an order that repeats none of its keys: what merged cells leave behind.
function line.is_continuation(plan, cells)
  for _, field in ipairs { "order_no", "vin", "plate", "settled", "picked_up", "owner", "opened" } do
    if cell_of(plan, cells, field) then return false end
  end
  return true
end

-- The order number alone, nil where it cannot be read: enough to know a further line.
function line.order_no(plan, cells)
  return (clean.order_no(cell_of(plan, cells, "order_no")))
end

local function mask_value(kind, s)
  s = clean.cell(s) or ""
  if kind == "phone" then return s:find("[eE]") and s or vault.mask("mobile", s) end
  if kind == "vin" then return vault.mask("vin", s) end
  if kind == "plate" then return vault.mask("plate", s) end
  if kind == "name" or kind == "text" then return vault.mask("name", s) end
  return clean.is_private(s) and vault.mask("mobile", s) or s
end
line.mask_value = mask_value

local READ = {
  order = clean.order_no, vin = clean.vin, plate = clean.plate, name = clean.name, money = clean.money, km = clean.km,
  yesno = clean.yesno, owner_kind = clean.owner_kind, text = clean.cell,
}

local function read_phones(record, field, text)
  local good, bad = clean.phones(text)
  record.values[field.id] = #good > 0 and good or nil
  for _, item in ipairs(bad) do
    record.doubts[#record.doubts + 1] = { field = field, code = item.code, value = mask_value("phone", item.text) }
    record.unread[field.id] = true
  end
end

local function read_field(record, plan, field, text)
  if field.kind == "phone" then return read_phones(record, field, text) end
  local value, code, more
  if field.kind == "date" then
    value, code, more = clean.date(text)
    record.minutes[field.id] = more
  elseif field.kind == "word" then
    value, code = clean.word(text, plan.words[field.id])
  elseif field.kind == "name" then
    value = clean.name(text)
  else
    value, code = READ[field.kind](text)
  end
  if code then
    record.doubts[#record.doubts + 1] = { field = field, code = code, value = mask_value(field.kind, text) }
    if value == nil then record.unread[field.id] = true end
  end
  record.values[field.id] = value
end

local function read_extra(record, plan, cells)
  for _, column in ipairs(plan.extra) do
    local s = clean.cell(cells[column.at])
    if s and not clean.is_private(s) and record.extra[column.heading] == nil then record.extra[column.heading] = s end
  end
end

-- record = { values, minutes, unread = set of fields, doubts = { {field, code, value} }, extra, hash } or nil and the note that refuses the line
function line.read(plan, cells)
  local record = { values = {}, minutes = {}, unread = {}, doubts = {}, extra = {}, mapped = {} }
  for _, id in ipairs(plan.mapped) do
    record.mapped[id] = true
    read_field(record, plan, fields.by_id[id], cell_of(plan, cells, id))
  end
  for _, id in ipairs { "order_no", "vin" } do
    if record.values[id] == nil then
      for _, doubt in ipairs(record.doubts) do
        if doubt.field.id == id then return nil, doubt end
      end
    end
  end
  read_extra(record, plan, cells)
  local unread = {}
  for id in pairs(record.unread) do unread[#unread + 1] = id end
  table.sort(unread)
  record.hash, record.hash_before = vault.indexes("import_row", json.encode {
    values = record.values, minutes = record.minutes, extra = record.extra, mapped = plan.mapped, unread = unread,
  })
  return record
end

return line
