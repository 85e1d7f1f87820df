-- Spells spans of days out: the notices speak of spans, the core wants each day. Works while loading, so without host.clock.
local M = {}

local function length(year, month)
  if month == 2 then
    local leap = (year % 4 == 0 and year % 100 ~= 0) or year % 400 == 0
    return leap and 29 or 28
  end
  return (month == 4 or month == 6 or month == 9 or month == 11) and 30 or 31
end

local function following(day)
  local y, m, d = day:match("^(%d+)-(%d+)-(%d+)$")
  y, m, d = math.tointeger(y), math.tointeger(m), math.tointeger(d) + 1
  if d > length(y, m) then m, d = m + 1, 1 end
  if m > 12 then y, m = y + 1, 1 end
  return string.format("%04d-%02d-%02d", y, m, d)
end

function M.spans(list)
  local out = {}
  for _, span in ipairs(list) do
    local day = span[1]
    while day <= span[2] do
      out[#out + 1] = day
      day = following(day)
    end
  end
  return out
end

return M
