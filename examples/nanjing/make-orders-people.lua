-- For make-orders.lua: chance from a fixed seed, days, and the people and cars that it makes. No person in it exists.

local state = 20261121

-- A generator of our own: the standard one may change between releases, the example must not.
local function chance(n)
  state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
  return ((state >> 33) % n) + 1
end

local function pick(list) return list[chance(#list)] end

local function one_in(n) return chance(n) == 1 end

local function days_of(day)
  local y, m, d = day:match("(%d+)-(%d+)-(%d+)")
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  local yoe = y - era * 400
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end

local function day_of(n)
  local z = n + 719468
  local era = z // 146097
  local doe = z - era * 146097
  local yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
  local doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
  local mp = (5 * doy + 2) // 153
  local m = mp < 10 and mp + 3 or mp - 9
  return ("%04d-%02d-%02d"):format(yoe + era * 400 + (m <= 2 and 1 or 0), m, doy - (153 * mp + 2) // 5 + 1)
end
local SURNAMES = { "张", "王", "李", "赵", "陈", "杨", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林", "罗", "郑", "欧阳" }
local STEMS = { "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸" }
local COUNTS = { "一", "二", "三", "四", "五", "六", "七", "八", "九", "十" }
local COMPANIES = { "物流", "建材", "餐饮", "商贸", "电子", "园林", "印务", "检测" }
local ADVISORS = { "李工", "周工", "吴工", "郑工" }
local TECHNICIANS = { "一组甲师傅", "一组乙师傅", "二组丙师傅", "二组丁师傅" }
local MODELS = { { "CS75PLUS", "CS75PLUS 1.5T 自动" }, { "CS55PLUS", "CS55PLUS 1.5T 自动" }, { "逸动", "逸动 1.6L 手动" }, { "UNI-V", "UNI-V 1.5T 自动" },
  { "UNI-K", "UNI-K 2.0T 四驱" }, { "欧尚X5", "欧尚X5 1.5T 自动" }, { "启源A05", "启源A05 纯电", true }, { "Lumin", "Lumin 纯电", true } }

local phones, serial, names_used, owners = 1000, 200, {}, 0

local function new_phone()
  phones = phones + 7
  return ("1300000%04d"):format(phones)
end

local function new_line() phones = phones + 7; return ("025-0000%04d"):format(phones) end

local function new_name()
  local name
  repeat name = pick(SURNAMES) .. pick(STEMS) .. pick(COUNTS) until not names_used[name]
  names_used[name] = true
  return name
end

local VALUE = {}
for letters, from in pairs { ABCDEFGH = 1, JKLMN = 1, STUVWXYZ = 2 } do
  for i = 1, #letters do VALUE[letters:sub(i, i)] = from + i - 1 end
end
VALUE.P, VALUE.R = 7, 9
for i = 0, 9 do VALUE[tostring(i)] = i end
local WEIGHT = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 }

local function check_digit(vin)
  local sum = 0
  for i = 1, 17 do sum = sum + VALUE[vin:sub(i, i)] * WEIGHT[i] end
  return sum % 11 == 10 and "X" or tostring(sum % 11)
end

local function new_vin()
  serial = serial + 1
  local vin = ("LS5TEST2%s%sA%06d"):format("0", pick { "N", "P", "R", "S", "T" }, serial)
  return vin:sub(1, 8) .. check_digit(vin) .. vin:sub(10)
end

local PLATE_TAIL = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

local function new_plate(electric)
  local city = one_in(12) and pick { "苏L", "皖E", "苏B" } or "苏A"
  if electric then return ("%s%s%05d"):format(city, pick { "D", "A", "F" }, 10000 + serial) end
  local letter = chance(24)
  return ("%s%s%04d"):format(city, PLATE_TAIL:sub(letter, letter), 1000 + serial)
end

local function new_owner()
  owners = owners + 1
  if one_in(9) then
    return { company = true, name = ("南京示例%s%d号有限公司"):format(pick(COMPANIES), owners), phone = new_line(), no = ("C%05d"):format(owners) }
  end
  return { name = new_name(), phone = new_phone(), no = ("C%05d"):format(owners) }
end

-- last: the day of the last order, as days_of counts.
local function new_car(last)
  local model = pick(MODELS)
  local vin = new_vin()
  return { vin = vin, series = model[1], model = model[2], plate = new_plate(model[3]), owner = new_owner(),
    sold = day_of(last - 120 - chance(1500)), km = 3000 + chance(60000) }
end

return { chance = chance, pick = pick, one_in = one_in, days_of = days_of, day_of = day_of, ADVISORS = ADVISORS, TECHNICIANS = TECHNICIANS,
  new_phone = new_phone, new_line = new_line, new_name = new_name, new_owner = new_owner, new_car = new_car, check_digit = check_digit }
