-- How days, times and amounts stand on a page.
local clock = require "host.clock"

local show = {}
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

-- 11月21日 / 21 Nov; the year only where it is not this one
function show.day(day, lang)
  if not day then return nil end
  local y, m, d = day:match("^(%d+)-(%d+)-(%d+)$")
  m, d = tonumber(m), tonumber(d)
  local same = y == clock.today():sub(1, 4)
  if lang == "en" then return ("%d %s"):format(d, MONTHS[m]) .. (same and "" or " " .. y) end
  return (same and "" or y .. "年") .. ("%d月%d日"):format(m, d)
end

function show.instant(ms, lang)
  if not ms then return nil end
  local day, hm = clock.split(ms)
  return show.day(day, lang) .. " " .. hm
end

function show.yuan(fen)
  if not fen then return nil end
  local sign = fen < 0 and "-" or ""
  fen = math.abs(fen)
  return ("%s%d.%02d"):format(sign, fen // 100, fen % 100)
end

return show
