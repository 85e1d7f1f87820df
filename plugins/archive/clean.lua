-- Pure functions that read what a dealer system writes. Each answers `value` or `nil, code`: the code is a key of notes.lua.
-- nil without a code means "nothing there": dealer systems have many ways to write nothing.
local cells = require "archive.cells"

local clean = { simple = cells.simple, cell = cells.cell, heading = cells.heading }

local CHARACTER, EMPTY, set, characters = cells.CHARACTER, cells.EMPTY, cells.set, cells.characters

-- ---------------------------------------------------------------------------------------------- keys

function clean.all_same(s)
  return s == s:sub(1, 1):rep(#s)
end

local function scientific(s)
  return s:match("^%d[%d%.]*[eE]%+?%d+$") ~= nil
end

function clean.order_no(s)
  s = clean.cell(s)
  if not s then return nil, "order_missing" end
  s = s:gsub("%s+", ""):upper()
  if scientific(s) then return nil, "order_scientific" end
  s = s:gsub("^(%d+)%.0+$", "%1")
  if #s > 64 then return nil, "order_long" end
  return s
end

local VIN_VALUE = {}
for letters, from in pairs { ABCDEFGH = 1, JKLMN = 1, STUVWXYZ = 2 } do
  for i = 1, #letters do VIN_VALUE[letters:sub(i, i)] = from + i - 1 end
end
VIN_VALUE.P, VIN_VALUE.R = 7, 9
for digit = 0, 9 do VIN_VALUE[tostring(digit)] = digit end
local VIN_WEIGHT = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 }

local function vin_check(vin)
  local sum = 0
  for i = 1, 17 do sum = sum + VIN_VALUE[vin:sub(i, i)] * VIN_WEIGHT[i] end
  local digit = sum % 11
  return digit == 10 and "X" or tostring(digit), sum
end
clean.vin_check = vin_check

-- vin, warning: a wrong check digit is only doubtful (cars of makers who do not use it exist), wrong length or letters are wrong.
function clean.vin(s)
  s = clean.cell(s)
  if not s then return nil, "vin_missing" end
  s = s:gsub("[%s%-%.·]", ""):upper()
  if #characters(s) ~= 17 then return nil, "vin_length" end
  if s:find("[^A-HJ-NPR-Z0-9]") then return nil, "vin_letters" end
  if clean.all_same(s) then return nil, "vin_equal" end
  if vin_check(s) ~= s:sub(9, 9) then return s, "vin_check" end
  return s
end

local PROVINCE = {}
for c in ("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"):gmatch(CHARACTER) do PROVINCE[c] = true end
local SUFFIX = set "挂 学 警 港 澳 使 领 试 超"
local SPECIAL = { "^使%d%d%d%d%d%d$", "^WJ", "^民航", "临", "^[A-Z][A-Z]%d%d%d%d%d$", "^[军空海北沈兰济南广成][A-Z]%d%d%d%d%d$", "^领%d%d%d%d%d%d$" }
local TAIL = "^[A-HJ-NP-Z0-9]+$"

local function ordinary(c)
  local last = c[7]
  local body = table.concat(c, "", 3, SUFFIX[last] and 6 or 7)
  return body:find(TAIL) ~= nil
end

local function new_energy(c)
  local body = table.concat(c, "", 3, 8)
  return body:find("^[A-HJK][A-HJ-NP-Z0-9]%d%d%d%d$") ~= nil or body:find("^%d%d%d%d%d[A-HJK]$") ~= nil
end

local PLATE_MARKS = { "%s", "·", "•", "・", "．", "%.", "%-", "—" }

-- plate, nil, kind ("ordinary", "energy", "special")
function clean.plate(s)
  s = clean.cell(s)
  if not s or s == "0" then return nil end
  s = clean.simple(s:upper())
  if not s:find("^[\xE4-\xE9][\x80-\xBF][\x80-\xBF][A-Z0-9]+$") then
    for _, mark in ipairs(PLATE_MARKS) do s = s:gsub(mark, "") end
  end
  if s == "" or EMPTY[s] then return nil end
  local c = characters(s)
  if PROVINCE[c[1]] and c[2] and c[2]:find("^[A-HJ-Z]$") then
    if #c == 7 and ordinary(c) then return s, nil, "ordinary" end
    if #c == 8 and new_energy(c) then return s, nil, "energy" end
  end
  for _, pattern in ipairs(SPECIAL) do
    if #c >= 5 and #c <= 9 and s:find(pattern) then return s, nil, "special" end
  end
  return nil, "plate_form"
end

-- ---------------------------------------------------------------------------------------------- people

local MOBILE = "^1[3-9]%d%d%d%d%d%d%d%d%d$"

local function digits_of(s)
  s = s:gsub("%.0+$", ""):gsub("[%s%-%(%)%.]", ""):gsub("（", ""):gsub("）", ""):gsub("—", "")
  return s
end

local function mobile_of(s)
  local d = digits_of(s):gsub("^%+", ""):gsub("^17951", ""):gsub("^0086", "")
  if #d == 13 then d = d:gsub("^86", "") end
  if #d == 12 then d = d:gsub("^0", "") end
  return d:match(MOBILE)
end

local DIGITS_7_8 = "%d%d%d%d%d%d%d%d?"

-- Fixed lines keep a dash behind the area code and lose the extension: a dialler needs neither brackets nor words.
local function line_of(s)
  local bare = s:gsub("^%+?86[%- ]", ""):gsub("[%s%(]", ""):gsub("（", ""):gsub("%)", "-"):gsub("转", "-"):gsub("）", "-"):gsub("分机", "-")
  bare = bare:gsub("^(.*%d%d%d%d%d%d%d)%-+%d%d?%d?%d?%d?$", "%1"):gsub("%-+", "-")
  local d = bare:gsub("%-", "")
  if d:find("^[48]00%d%d%d%d%d%d%d$") then return d end
  local area, rest = bare:match("^(0%d%d%d?)%-(" .. DIGITS_7_8 .. ")$")
  if not area then area, rest = d:match("^(0[12]%d)(%d%d%d%d%d%d%d%d)$") end
  if not area then area, rest = d:match("^(0[3-9]%d%d)(" .. DIGITS_7_8 .. ")$") end
  return area and area .. "-" .. rest
end

-- One number: number, nil, kind ("mobile" or "phone").
function clean.phone(s)
  s = clean.cell(s)
  if not s then return nil end
  if s:find(MOBILE) then return s, nil, "mobile" end
  if scientific(s:gsub("%s", "")) then return nil, "phone_scientific" end
  local mobile = mobile_of(s)
  if mobile then return mobile, nil, "mobile" end
  local line = line_of(s)
  if line then return line, nil, "phone" end
  local digits = digits_of(s)
  if #digits >= 7 and clean.all_same(digits) then return nil, "phone_dummy" end
  if s:find("^%d%d%d%d%d%d%d%d?$") then return nil, "phone_area" end
  return nil, "phone_form"
end

function clean.mobile(s)
  local number, code, kind = clean.phone(s)
  if number and kind ~= "mobile" then return nil, "mobile_is_line" end
  return number, code
end

local DUMMY = set "13800138000 13888888888 13999999999 13000000000 13333333333 15888888888 18888888888 13911111111"

-- People who do not want to ask for a number type one of these; nobody's customer answers there.
function clean.is_dummy(number)
  return DUMMY[number] == true or clean.all_same(number)
end

local function parts_of(s)
  local out = {}
  if not s:find("[^%d%-]") then return { s } end
  for _, mark in ipairs { "、", "，", "；", "或", "／", "和", ";", ",", "|", "/" } do s = s:gsub((mark:gsub("%p", "%%%0")), "\n") end
  for part in s:gmatch("[^\n]+") do
    local a, b = part:match("^%s*(1[3-9]%d%d%d%d%d%d%d%d%d)%s+(1[3-9]%d%d%d%d%d%d%d%d%d)%s*$")
    out[#out + 1] = a or part
    if b then out[#out + 1] = b end
  end
  return out
end

-- All numbers of a cell: { {number=, kind=} ... }, { {code=, text=} ... }
function clean.phones(s)
  local good, bad, seen = {}, {}, {}
  s = clean.cell(s)
  for _, part in ipairs(s and parts_of(s) or {}) do
    local number, code, kind = clean.phone(part)
    if number and clean.is_dummy(number) then number, code = nil, "phone_dummy" end
    if number and not seen[number] then
      seen[number] = true
      good[#good + 1] = { number = number, kind = kind }
    elseif code then
      bad[#bad + 1] = { code = code, text = part }
    end
  end
  return good, bad
end

local TITLES = { "先生", "女士", "小姐", "太太", "同志", "老师", "师傅", "老板" }
local COMPOUND = set "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 夏侯 令狐 宇文 长孙 端木 南宫"

-- name, title. "张先生" is how one speaks to Mr Zhang and all that is known of him: it stays; "张三先生" is 张三; "先生" is nobody.
function clean.name(s)
  s = clean.cell(s)
  if not s or s == "0" then return nil end
  s = s:gsub("%s+", s:find("^[%a%s%.%-]+$") and " " or "")
  for _, title in ipairs(TITLES) do
    local bare = s:match("^(.-)" .. title .. "$")
    if bare == "" then return nil end
    if bare and (#characters(bare) == 1 or COMPOUND[bare]) then return s, title end
    if bare then return bare, title end
  end
  return s
end

-- The part of a name that two records of one person share: the surname where only "张先生" is known.
function clean.surname(name)
  for _, title in ipairs(TITLES) do
    local bare = name:match("^(.-)" .. title .. "$")
    if bare and bare ~= "" then return bare end
  end
end

local COMPANY = { "公司", "集团", "厂$", "中心", "银行", "医院", "学校", "大学", "合作社", "委员会", "管理局", "公安局", "商行", "经营部", "事务所",
  "研究院", "研究所", "政府", "协会", "租赁", "车队", "单位" }

function clean.is_company(name)
  for _, mark in ipairs(COMPANY) do
    if name:find(mark) then return true end
  end
  return false
end

local ID_WEIGHT = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 }
local ID_CHECK = "10X98765432"

local function leap(y) return y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0) end
local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_day(y, m, d)
  if m < 1 or m > 12 or d < 1 then return false end
  return d <= (m == 2 and leap(y) and 29 or MONTH_DAYS[m])
end

-- Identity number (GB 11643): used to keep such columns out of what is stored plainly.
function clean.id_number(s)
  s = clean.cell(s)
  if not s then return nil end
  s = s:gsub("%s", ""):upper()
  local digits = s:match("^(%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d)[%dX]$")
  if not digits then return nil, "id_form" end
  if not is_day(tonumber(s:sub(7, 10)), tonumber(s:sub(11, 12)), tonumber(s:sub(13, 14))) then return nil, "id_day" end
  local sum = 0
  for i = 1, 17 do sum = sum + tonumber(digits:sub(i, i)) * ID_WEIGHT[i] end
  if ID_CHECK:sub(sum % 11 + 1, sum % 11 + 1) ~= s:sub(18) then return nil, "id_check" end
  return s, sum
end

-- ---------------------------------------------------------------------------------------------- dates

-- Days since 1970-01-01 and back (the proleptic Gregorian calendar), so that a spreadsheet's serial becomes a day.
local function civil(days)
  local z = days + 719468
  local era = z // 146097
  local doe = z - era * 146097
  local yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
  local doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
  local mp = (5 * doy + 2) // 153
  local m = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (m <= 2 and 1 or 0), m, doy - (153 * mp + 2) // 5 + 1
end

local SERIAL_EPOCH = -25569 -- 1899-12-30: makes the serials after the leap day that 1900 never had come out right

local function from_serial(s)
  local whole, fraction = s:match("^(%d%d%d%d%d)(.*)$")
  local n = fraction and (fraction == "" or fraction:find("^%.%d+$")) and tonumber(whole)
  if not n or n < 20000 or n > 80000 then return nil end
  local y, m, d = civil(n + SERIAL_EPOCH)
  local part = tonumber("0" .. fraction) or 0
  local minutes = math.floor(part * 1440 + 0.5)
  return y, m, d, part > 0 and math.min(minutes, 1439) or nil
end

local function clock_of(s)
  local pm = s:find("下午") or s:find("晚上") or s:find("[pP][mM]")
  local am = s:find("上午") or s:find("凌晨") or s:find("[aA][mM]")
  local h, m = s:gsub("：", ":"):gsub("时", ":"):gsub("点", ":"):match("(%d%d?):(%d%d?)")
  if not h then return nil end
  h, m = tonumber(h), tonumber(m)
  if pm and h < 12 then h = h + 12 end
  if am and h == 12 then h = 0 end
  return h < 24 and m < 60 and h * 60 + m or nil
end

local function split_date(s)
  local y, m, d, rest = s:match("^(%d%d%d%d)%s*[%-/%.年]+%s*(%d%d?)%s*[%-/%.月]+%s*(%d%d?)(.*)$")
  if not y then y, m, d, rest = s:match("^(%d%d%d%d)(%d%d)(%d%d)$") end
  if not y then
    local hh, mm
    y, m, d, hh, mm = s:match("^(%d%d%d%d)(%d%d)(%d%d)%s?(%d%d)(%d%d)%d?%d?$")
    rest = hh and " " .. hh .. ":" .. mm
  end
  if not y then
    y, m, d, rest = s:match("^(%d%d)[%-/%.](%d%d?)[%-/%.](%d%d?)(.*)$")
    if y and rest:find("^%d") then return nil end -- 11/21/2026: which is the day is a guess
    y = y and "20" .. y
  end
  return tonumber(y), tonumber(m), tonumber(d), rest or ""
end

-- day "YYYY-MM-DD", code, minutes of the day (nil where none is written or all are zero)
function clean.date(s)
  s = clean.cell(s)
  if not s or s == "0" then return nil end
  local y, m, d = s:match("^(%d%d%d%d)[%-/](%d%d?)[%-/](%d%d?)$")
  local minutes
  if y then
    y, m, d = tonumber(y), tonumber(m), tonumber(d)
  else
    y, m, d, minutes = from_serial(s)
  end
  if not y then
    local rest
    y, m, d, rest = split_date(s)
    if not y or (rest ~= "" and not rest:find("^[%s日T]")) then return nil, "date_form" end
    minutes = clock_of(rest)
  end
  if y <= 1900 then return nil end
  if not is_day(y, m, d) then return nil, "date_none" end
  if y < 1980 or y > 2099 then return nil, "date_year" end
  return string.format("%04d-%02d-%02d", y, m, d), nil, minutes ~= 0 and minutes or nil
end

-- ---------------------------------------------------------------------------------------------- numbers

local UNITS = { "公里", "千米", "km", "KM", "Km", "元", "￥", "¥", "RMB", "CNY", "圆", "%s" }

-- sign, whole digits, decimal digits, ten thousands?
local function split_number(s)
  if not s:find("^%d+%.?%d*$") then
    for _, unit in ipairs(UNITS) do s = s:gsub(unit, "") end
  end
  local inner = s:match("^%((.*)%)$") or s:match("^（(.*)）$")
  local sign = inner and -1 or 1
  s = inner or s
  if s:sub(1, 1) == "-" or s:sub(1, 3) == "－" or s:sub(1, 3) == "−" then
    sign, s = -sign, s:gsub("^%-", ""):gsub("^－", ""):gsub("^−", "")
  end
  s = s:gsub("^%+", "")
  local bare = s:match("^(.-)万$")
  s = bare or s
  if s:find(",") or s:find("，") then
    s = s:gsub("，", ",")
    if not s:find("^%d%d?%d?,%d%d%d[%d,]*%.?%d*$") then return nil end
    s = s:gsub(",", "")
  end
  local whole, decimals = s:match("^(%d+)%.?(%d*)$")
  if not whole then
    whole, decimals = s:match("^()%.(%d+)$")
    whole = whole and "0"
  end
  if not whole or #whole > 12 then return nil end
  return sign, whole, decimals, bare ~= nil
end

-- Money in fen, an exact integer: decimals are shifted as text, never as a float.
function clean.money(s)
  s = clean.cell(s)
  if not s then return nil end
  local sign, whole, decimals, myriad = split_number(clean.simple(s))
  if not sign then return nil, scientific(s) and "number_scientific" or "number_form" end
  local shift = myriad and 6 or 2
  local padded = decimals .. ("0"):rep(shift + 1)
  local fen = math.tointeger(tonumber(whole .. padded:sub(1, shift)))
  if tonumber(padded:sub(shift + 1, shift + 1)) >= 5 then fen = fen + 1 end
  return sign * fen
end

function clean.km(s)
  s = clean.cell(s)
  if not s then return nil end
  local sign, whole, decimals, myriad = split_number(clean.simple(s))
  if not sign then return nil, scientific(s) and "number_scientific" or "number_form" end
  local km = math.tointeger(tonumber(myriad and whole .. (decimals .. "0000"):sub(1, 4) or whole))
  if sign < 0 or km > 3000000 then return nil, "km_range" end
  return km
end

-- ---------------------------------------------------------------------------------------------- words

local YES = set "是 Y YES TRUE 1 需要 要 已 √ 12781001"
local NO = set "否 N NO FALSE 0 不需要 不要 不 × X 12781002"

function clean.yesno(s)
  s = clean.cell(s)
  if not s then return nil end
  s = s:upper():gsub("%.0$", "")
  if YES[s] then return true end
  if NO[s] then return false end
  return nil, s:find("^%d%d%d%d%d%d%d%d$") and "dictionary" or "yesno_form"
end

local OWNER = {
  ["10181001"] = "person", ["11901002"] = "person", ["个人"] = "person", ["私人"] = "person", ["私车"] = "person", ["个体"] = "person",
  ["10181002"] = "company", ["11901001"] = "company", ["公司"] = "company", ["单位"] = "company", ["企业"] = "company", ["公车"] = "company",
}

function clean.owner_kind(s)
  s = clean.cell(s)
  if not s then return nil end
  local kind = OWNER[(clean.simple(s):gsub("%.0$", ""))]
  if kind then return kind end
  return nil, s:find("^%d%d%d%d%d%d%d%d$") and "dictionary" or "owner_kind"
end

local WORDS = { ["11251001"] = "中午" }

-- A word, with the dictionary numbers put back that an export forgot to translate. words: number -> word, from the point.
function clean.word(s, words)
  s = clean.cell(s)
  if not s then return nil end
  local number = s:match("^(%d%d%d%d%d%d%d%d)$") or s:match("^(%d%d%d%d%d%d%d%d)%.0$")
  if not number then return s end
  local word = words and words[number] or WORDS[number]
  if word then return word end
  return number, "dictionary"
end

local TOTAL = { "^合计", "^小计", "^总计", "^总合计", "^本页", "^共计", "^累计", "^汇总", "^TOTAL", "^SUM" }

-- A line of sums: one of its first three filled cells says so.
function clean.is_total(row, count)
  local looked = 0
  for i = 1, count do
    local s = clean.cell(row[i])
    if s then
      looked = looked + 1
      s = clean.simple(s):upper():gsub("%s", "")
      for _, pattern in ipairs(TOTAL) do
        if s:find(pattern) and #characters(s) <= 12 then return true end
      end
      if looked == 3 then return false end
    end
  end
  return false
end

-- Nothing that looks like a number, an identity or an address of a person may be stored plainly beside the known columns.
function clean.is_private(s)
  local squeezed = s:gsub("[%s%-]", "")
  return squeezed:find("1[3-9]%d%d%d%d%d%d%d%d%d") ~= nil or squeezed:find("%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d[%dXx]") ~= nil
    or s:find("@") ~= nil or clean.phone(s) ~= nil
end

return clean
