-- Runs a layout: binds the month, runs the queries, lets the layout's own function make figures of the rows, fills the blocks.
-- What every report carries: period, dealer, cut-off, versions, row counts, hash of the rows (domain Q).
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local point = require "host.point"
local text = require "host.text"
local who = require "host.who"
local digest = require "report.digest"
local figures = require "report.figures"
local settings = require "host.settings"

local M = {}

function M.list()
  local out = json.array {}
  for i, d in ipairs(point "layouts") do
    out[i] = { id = d.id, title = d.data.title, about = d.data.about, version = d.version, plugin = d.plugin }
  end
  return out
end

local function find(id)
  local known = {}
  for _, d in ipairs(point "layouts") do
    if d.id == id then return d end
    known[#known + 1] = d.id
  end
  local names = table.concat(known, ", ")
  error({
    zh = ("没有报表“%s”。现有：%s。"):format(tostring(id), names),
    en = ("There is no report '%s'. There is: %s."):format(tostring(id), names),
  }, 0)
end

local function first_day(year, month)
  return ("%04d-%02d-01"):format(year + (month - 1) // 12, (month - 1) % 12 + 1)
end

-- What queries may bind. "2026-11" -> from 2026-11-01 to 2026-12-01 (exclusive).
function M.period(month)
  month = month or clock.today():sub(1, 7)
  local y, m = tostring(month):match "^(%d%d%d%d)%-(%d%d)$"
  y, m = math.tointeger(y), math.tointeger(m)
  if not y or m < 1 or m > 12 or y < 2000 then
    error({
      zh = ("“%s”不是月份，请写成 2026-11 的形式。"):format(tostring(month)),
      en = ("'%s' is no month; write it like 2026-11."):format(tostring(month)),
    }, 0)
  end
  local from, to = first_day(y, m), first_day(y, m + 1)
  return {
    from = from, to = to, previous_from = first_day(y, m - 1), month = month, today = clock.today(), now = clock.now(),
    from_ms = clock.at(from), to_ms = clock.at(to), previous = first_day(y, m - 1):sub(1, 7), next = to:sub(1, 7),
  }
end

-- A query that returns other columns than it says would show dashes where numbers belong: refused, with its place.
local function check_columns(layout, q, rows)
  local known = {}
  for _, name in ipairs(q.columns) do
    local plain, optional = name:gsub("%?$", "")
    known[plain] = optional == 0 and "must" or "may"
  end
  for _, row in ipairs(rows) do
    for name in pairs(row) do
      if not known[name] then
        error({
          zh = ("%s：查询“%s”多出一列“%s”，请写进 columns。"):format(layout.at, q.id, name),
          en = ("%s: query '%s' returns a column '%s' that its columns do not name."):format(layout.at, q.id, name),
        }, 0)
      end
    end
    for name, need in pairs(known) do
      if need == "must" and row[name] == nil then
        error({
          zh = ("%s：查询“%s”缺少列“%s”；可能为空的列请写成“%s?”。"):format(layout.at, q.id, name, name),
          en = ("%s: query '%s' lacks the column '%s'; write '%s?' if it may be empty."):format(layout.at, q.id, name, name),
        }, 0)
      end
    end
  end
end

local function run_queries(layout, bound)
  local rows, counts = {}, json.array {}
  for i, q in ipairs(layout.data.queries) do
    local args = {}
    for k, name in ipairs(q.bind) do args[k] = bound[name] end
    local result = db.all(q.sql, table.unpack(args, 1, #q.bind))
    check_columns(layout, q, result)
    rows[q.id] = json.array(result)
    counts[i] = { query = q.id, rows = #result }
  end
  return rows, counts
end

local fill = {}

function fill.kpis(block, f)
  local items = json.array {}
  for i, item in ipairs(block.items) do
    local v = f[item.id]
    items[i] = {
      id = item.id, title = item.title, hint = item.hint, kind = item.kind or "text", value = v, text = figures.show(item.kind, v),
      small = figures.is_small(item.kind, v),
    }
  end
  return { items = items }
end

local function cell(column, row)
  local v = row[column.id]
  return {
    value = v, text = figures.show(column.kind, v), small = figures.is_small(column.kind, v),
    number = column.kind ~= nil and column.kind ~= "text",
  }
end

function fill.table(block, f)
  local rows = json.array {}
  for i, row in ipairs(f[block.rows] or {}) do
    local cells = json.array {}
    for k, column in ipairs(block.columns) do cells[k] = cell(column, row) end
    rows[i] = { cells = cells }
  end
  local columns = json.array {}
  for i, c in ipairs(block.columns) do
    columns[i] = { id = c.id, title = c.title, kind = c.kind or "text", number = c.kind ~= nil and c.kind ~= "text" }
  end
  return { columns = columns, rows = rows, none = #rows == 0, empty = block.empty }
end

function fill.bar(block, f)
  local rows = json.array {}
  for i, row in ipairs(f[block.rows] or {}) do
    local v = row[block.value]
    rows[i] = { label = tostring(row[block.label]), value = v, text = figures.show(block.value_kind, v), number = figures.number(block.value_kind, v) }
  end
  return { rows = rows, none = #rows == 0, kind = block.value_kind or "integer" }
end

function fill.text(block)
  return { text = block.text }
end

local function fill_blocks(layout, f)
  local blocks = json.array {}
  for i, block in ipairs(layout.data.blocks) do
    local out = fill[block.kind](block, f)
    out.kind_of = out.kind
    out.kind, out.title = block.kind, block.title
    blocks[i] = out
  end
  return blocks
end

-- { id, title, params, figures, blocks, provenance }
function M.run(id, params)
  local layout = find(id)
  local bound = M.period(params and params.month)
  local rows, counts = run_queries(layout, bound)
  local f = require("host.call")(layout, "compute", rows, bound)
  local dealership = who.dealership()
  return {
    id = layout.id, title = layout.data.title, about = layout.data.about,
    params = { month = bound.month, previous = bound.previous, next = bound.next },
    figures = f, blocks = fill_blocks(layout, f),
    provenance = {
      dealership = dealership.name, dealership_id = dealership.id, period = bound.month,
      cut_off = bound.now, cut_off_day = (clock.split(bound.now)), cut_off_time = select(2, clock.split(bound.now)),
      layout = layout.id, layout_version = layout.version, layout_hash = layout.hash, plugin = layout.plugin,
      plugin_version = layout.plugin_version, sources = f.sources or json.array {}, by = who.actor().name or who.actor().login,
      index_rescale = settings.get().index_rescale, rows = counts, data_hash = digest.hex(json.encode(rows)),
    },
  }
end

function M.say(t, lang)
  return t and text.pick(t, lang) or ""
end

return M
