-- How figures are written. Percents come from exact integers and are rounded half up; an empty denominator is a dash, never 0.
local settings = require "host.settings"

local M = {}
M.DASH = "—"

-- Tenths of a percent, or nil.
function M.tenths(n, d)
  if d == 0 then return nil end
  return (2000 * n + d) // (2 * d)
end

local function tenths_text(t)
  local sign = t < 0 and "-" or ""
  t = math.abs(t)
  return ("%s%d.%d"):format(sign, t // 10, t % 10)
end

local function rounded(value, decimals)
  local scale = 10 ^ decimals
  return (("%%.%df"):format(decimals)):format(math.floor(value * scale + 0.5 + 1e-9) / scale)
end

local show = {}
function show.text(v) return tostring(v) end
function show.integer(v) return ("%d"):format(v) end
function show.decimal(v) return rounded(v, 1) end
function show.points(v) return (v > 0 and "+" or "") .. tenths_text(v) end
function show.percent(v)
  local t = M.tenths(v.n, v.d)
  return t and tenths_text(t) .. " %" or M.DASH
end
function show.score(v)
  if v.n == 0 then return M.DASH end
  return rounded(v.sum / v.n, 2)
end
function show.index(v)
  if v.n == 0 then return M.DASH end
  local mean = v.sum / v.n
  return rounded(settings.get().index_rescale == "spread" and 1000 * (mean - 1) / 9 or 100 * mean, 1)
end

function M.show(kind, v)
  if v == nil then return M.DASH end
  return show[kind or "text"](v)
end

-- A number to draw with, or nil for a gap.
function M.number(kind, v)
  if v == nil then return nil end
  if kind == "percent" then
    local t = M.tenths(v.n, v.d)
    return t and t / 10
  elseif kind == "score" or kind == "index" then
    return v.n > 0 and math.floor(v.sum / v.n * 100 + 0.5) / 100 or nil
  end
  return tonumber(v)
end

-- Below the limit a figure says little: it is shown, and said to be small.
function M.is_small(kind, v)
  if v == nil then return false end
  local n = kind == "percent" and v.d or (kind == "score" or kind == "index") and v.n
  return n ~= nil and n ~= false and n > 0 and n < settings.get().small_sample
end

return M
