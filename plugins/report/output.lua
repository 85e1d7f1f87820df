-- A report as lines for a terminal and as CSV. Chinese characters are two columns wide; a table that forgets it is a heap of steps.
local csv = require "host.csv"
local engine = require "report.engine"

local M = {}
local say = engine.say

local WIDE = {
  { 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
  { 0xffe0, 0xffe6 }, { 0x20000, 0x3fffd },
}

local function is_wide(code)
  for _, span in ipairs(WIDE) do
    if code >= span[1] and code <= span[2] then return true end
  end
  return false
end

function M.width(s)
  local n = 0
  for _, code in utf8.codes(s) do n = n + (is_wide(code) and 2 or 1) end
  return n
end

local function pad(s, width, right)
  local gap = (" "):rep(math.max(width - M.width(s), 0))
  return right and gap .. s or s .. gap
end

local function flag(c, lang)
  if not c.small then return c.text end
  return c.text .. (lang == "en" and " (small n)" or "（小样本）")
end

-- In a column of figures words would push the digits apart: a star, and what it means below.
local STAR = { zh = "* 小样本", en = "* small n" }

-- rows of cells { text, number }; the first row is the head.
local function grid(rows, out)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, c in ipairs(row) do widths[i] = math.max(widths[i] or 0, M.width(c.text)) end
  end
  for n, row in ipairs(rows) do
    local line = {}
    for i, c in ipairs(row) do line[i] = pad(c.text, widths[i], c.number) end
    out[#out + 1] = "  " .. table.concat(line, "  "):gsub("%s+$", "")
    if n == 1 then
      local total = 2 * (#widths - 1)
      for _, w in ipairs(widths) do total = total + w end
      out[#out + 1] = "  " .. ("-"):rep(total)
    end
  end
end

local write = {}

function write.kpis(block, lang, out)
  local names = 0
  for _, item in ipairs(block.items) do names = math.max(names, M.width(say(item.title, lang))) end
  for _, item in ipairs(block.items) do
    local hint = item.hint and "   " .. say(item.hint, lang) or ""
    out[#out + 1] = "  " .. pad(say(item.title, lang), names) .. "  " .. pad(flag(item, lang), 10, true) .. hint
  end
end

function write.table(block, lang, out)
  if block.none then
    out[#out + 1] = "  " .. (block.empty and say(block.empty, lang) or "—")
    return
  end
  local head = {}
  for i, c in ipairs(block.columns) do head[i] = { text = say(c.title, lang), number = c.number } end
  local rows, small = { head }, false
  for _, row in ipairs(block.rows) do
    local cells = {}
    for i, c in ipairs(row.cells) do
      cells[i] = { text = c.small and c.text .. "*" or c.text, number = c.number }
      small = small or c.small
    end
    rows[#rows + 1] = cells
  end
  grid(rows, out)
  if small then out[#out + 1] = "  " .. say(STAR, lang) end
end

function write.bar(block, _, out)
  local top, names = 0, 0
  for _, row in ipairs(block.rows) do
    top = math.max(top, row.number or 0)
    names = math.max(names, M.width(row.label))
  end
  for _, row in ipairs(block.rows) do
    local n = top > 0 and math.floor((row.number or 0) / top * 40 + 0.5) or 0
    out[#out + 1] = ("  %s  %s %s"):format(pad(row.label, names), ("█"):rep(n), row.text)
  end
  if block.none then out[#out + 1] = "  —" end
end

function write.text(block, lang, out)
  out[#out + 1] = "  " .. say(block.text, lang)
end

-- The sentence every report ends with.
function M.provenance(p, lang)
  local rows = {}
  for i, c in ipairs(p.rows) do rows[i] = c.query .. " " .. c.rows end
  local sources = {}
  for i, s in ipairs(p.sources) do sources[i] = ("%s %s (%s)"):format(s.id, s.version, s.hash:sub(1, 12)) end
  local from = #sources > 0 and table.concat(sources, ", ") or "—"
  if lang == "en" then
    return ("Data as of %s %s · layout %s %s (%s) · questionnaires %s · rows: %s · data %s · by %s"):format(p.cut_off_day, p.cut_off_time,
      p.layout, p.layout_version, p.layout_hash:sub(1, 12), from, table.concat(rows, ", "), p.data_hash:sub(1, 16), p.by)
  end
  return ("数据截至 %s %s · 版式 %s %s（%s）· 问卷 %s · 行数：%s · 数据校验 %s · 生成人 %s"):format(p.cut_off_day, p.cut_off_time,
    p.layout, p.layout_version, p.layout_hash:sub(1, 12), from, table.concat(rows, "，"), p.data_hash:sub(1, 16), p.by)
end

function M.text(report, lang)
  local out = { ("%s  %s  %s"):format(say(report.title, lang), report.params.month, say(report.provenance.dealership, lang)) }
  for _, block in ipairs(report.blocks) do
    out[#out + 1] = ""
    if block.title then out[#out + 1] = say(block.title, lang) end
    write[block.kind](block, lang, out)
  end
  out[#out + 1] = ""
  out[#out + 1] = M.provenance(report.provenance, lang)
  return table.concat(out, "\n") .. "\n"
end

-- In a sheet a cell holds the figure alone, so that one can reckon with it; which figures are of a small sample stands in a last cell.
local sheet = {}

local SMALL = { zh = "小样本", en = "small n" }

function sheet.kpis(block, lang, rows)
  for _, item in ipairs(block.items) do rows[#rows + 1] = { say(item.title, lang), item.text, item.small and say(SMALL, lang) or nil } end
end

function sheet.table(block, lang, rows)
  local head = {}
  for i, c in ipairs(block.columns) do head[i] = say(c.title, lang) end
  rows[#rows + 1] = head
  for _, row in ipairs(block.rows) do
    local line, small = {}, {}
    for i, c in ipairs(row.cells) do
      line[i] = c.text
      if c.small then small[#small + 1] = head[i] end
    end
    if #small > 0 then line[#line + 1] = ("%s: %s"):format(say(SMALL, lang), table.concat(small, lang == "en" and ", " or "、")) end
    rows[#rows + 1] = line
  end
end

function sheet.bar(block, _, rows)
  for _, row in ipairs(block.rows) do rows[#rows + 1] = { row.label, row.text } end
end

function sheet.text(block, lang, rows)
  rows[#rows + 1] = { say(block.text, lang) }
end

-- For Excel: with BOM, so that it opens as what it is.
function M.csv(report, lang)
  local rows = { { say(report.title, lang), report.params.month, say(report.provenance.dealership, lang) } }
  for _, block in ipairs(report.blocks) do
    rows[#rows + 1] = {}
    if block.title then rows[#rows + 1] = { say(block.title, lang) } end
    sheet[block.kind](block, lang, rows)
  end
  rows[#rows + 1] = {}
  rows[#rows + 1] = { M.provenance(report.provenance, lang) }
  return csv.write(rows)
end

-- ECharts option of a bar block; no function in it, it travels as JSON.
function M.chart(block)
  local names, values = require("host.json").array {}, require("host.json").array {}
  for i, row in ipairs(block.rows) do
    names[i], values[i] = row.label, row.number or "-"
  end
  local percent = block.kind_of == "percent"
  return {
    tooltip = { trigger = "axis" },
    grid = { left = 48, right = 16, top = 24, bottom = 32, containLabel = true },
    xAxis = { type = "category", data = names, axisLabel = { interval = 0, rotate = #names > 8 and 30 or 0 } },
    yAxis = { type = "value", min = 0, max = percent and 100 or nil, axisLabel = { formatter = percent and "{value} %" or "{value}" } },
    series = { { type = "bar", data = values, barMaxWidth = 48, label = { show = true, position = "top", formatter = percent and "{c} %" or "{c}" } } },
  }
end

return M
