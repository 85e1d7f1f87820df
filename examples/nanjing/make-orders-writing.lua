-- For make-orders.lua: the ways in which dealer systems and people write a date, a number, a phone, a name and nothing.
-- Called with what make-orders-people.lua returns.
local made = ...
local chance, pick, one_in, days_of, day_of = made.chance, made.pick, made.one_in, made.days_of, made.day_of

local function parts(day) return day:match("(%d+)-(%d+)-(%d+)") end

local DATE_FORMS = {
  function(day) return day end,
  function(day) return (day:gsub("-", "/")) end,
  function(day, hm) local y, m, d = parts(day); return ("%s/%d/%d %s"):format(y, tonumber(m), tonumber(d), hm) end,
  function(day) return (day:gsub("-", ".")) end,
  function(day) return (day:gsub("-", "")) end,
  function(day) local y, m, d = parts(day); return ("%s年%d月%d日"):format(y, tonumber(m), tonumber(d)) end,
  function(day) return day:sub(3) end,
  function(day) return day .. " 00:00:00.0" end,
  function(day) return tostring(days_of(day) + 25569) end,
  function(day) return "'" .. day end,
}

local function date(n, usual, hm)
  if not n then return one_in(3) and pick { "1900-01-01", "0001-01-01", "—" } or "" end
  return (one_in(4) and DATE_FORMS[chance(#DATE_FORMS)] or DATE_FORMS[usual])(day_of(n), hm)
end

local function wide(s)
  return (s:gsub("%d", function(d) return utf8.char(0xFF10 + tonumber(d)) end))
end

local PHONE_FORMS = {
  function(s) return "+86 " .. s:sub(1, 3) .. "-" .. s:sub(4, 7) .. "-" .. s:sub(8) end,
  function(s) return s .. ".0" end,
  function(s) return "'" .. s end,
  function(s) return '="' .. s .. '"' end,
  function(s) return "\t" .. s end,
  wide,
  function(s) return s:sub(1, 3) .. " " .. s:sub(4, 7) .. " " .. s:sub(8) end,
  function(s) return "86" .. s end,
}

local function phone(s)
  if not s then return one_in(6) and pick { "/", "无", "-", "NULL" } or "" end
  if s:find("-") or not one_in(4) then return s end
  return pick(PHONE_FORMS)(s)
end

local PLATE_FORMS = {
  function(s) return s:lower() end,
  function(s) return (s:gsub("^([^%w]+)(%w)", "%1%2·")) end,
  function(s) return (s:gsub("^苏", "蘇")) end,
  function(s) return wide(s) end,
  function(s) return " " .. s .. "\u{3000}" end,
}

local function plate(s)
  if not s then return "无牌照" end
  return one_in(5) and pick(PLATE_FORMS)(s) or s
end

local function yuan(fen)
  local plain = ("%d.%02d"):format(fen // 100, fen % 100)
  if fen == 0 then return one_in(3) and pick { "0", "—", "0.00" } or "0.00" end
  local n = chance(12)
  if n == 1 then return "￥" .. plain end
  if n == 2 and fen >= 100000 then return ("%d,%03d.%02d"):format(fen // 100000, fen // 100 % 1000, fen % 100) end
  if n == 3 and fen % 10000 == 0 and fen >= 1000000 then return ("%.2f万"):format(fen / 1000000) end
  if n == 4 then return wide(plain) end
  if n == 5 then return plain .. "元" end
  return plain
end

local function km(n)
  local form = chance(10)
  if form == 1 then return n >= 1000 and ("%d,%03d"):format(n // 1000, n % 1000) or tostring(n) end
  if form == 2 then return n .. "公里" end
  if form == 3 then return n .. ".0" end
  return tostring(n)
end

local function name(s, company)
  if not s then return one_in(8) and pick { "无", "/", "先生", "未知" } or "" end
  if not company and one_in(15) then return s .. pick { "先生", "女士" } end
  if one_in(25) then return s .. "\u{A0}" end
  if one_in(25) then return "\u{200B}" .. s end
  return s
end

return { date = date, phone = phone, plate = plate, yuan = yuan, km = km, name = name, wide = wide }
