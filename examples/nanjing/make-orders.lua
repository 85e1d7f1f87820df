#!/usr/bin/env lua5.4
-- Makes the example's export of a dealer system: 400 work orders with the dirt that real ones have (title rows, one caption twice, item
-- lines, repeats, totals, every way to write a date, a number, a phone and nothing). The seed is fixed: the same options give the same bytes.
-- No person in it exists: given names are counting characters, numbers are 130 0000 xxxx and 025-0000xxxx, VINs begin with LS5TEST.
--
--   lua5.4 make-orders.lua OUT.csv [--encoding gb18030|utf-8|utf-8-bom|utf-16le] [--until 2026-11-20] [--facts FACTS.json]
--                          [--corrections LATER.csv]
--
-- OUT may be a folder (also as --out FOLDER): then the file in it is called orders.csv.
-- FACTS.json says what was put in, so that a test can hold what comes out against it. LATER.csv is what the dealer system exports some days
-- later: orders settled again, cars picked up since, a car that changed hands.

local ORDERS, DAYS = 400, 49

-- ---------------------------------------------------------------------------------------------- options

local function usage(problem)
  io.stderr:write(problem, "\nusage: lua5.4 make-orders.lua OUT.csv [--encoding gb18030|utf-8|utf-8-bom|utf-16le] [--until YYYY-MM-DD]",
    " [--facts FILE] [--corrections FILE]\n")
  os.exit(2)
end

local ENCODINGS = { ["gb18030"] = "GB18030", ["utf-8"] = false, ["utf-8-bom"] = false, ["utf-16le"] = "UTF-16LE" }

local function options()
  local o, i = { encoding = "gb18030", ["until"] = "2026-11-20" }, 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(.+)$")
    if not name then
      if o.out then usage("one output file, not two: " .. arg[i]) end
      o.out = arg[i]
    elseif name == "encoding" or name == "until" or name == "facts" or name == "corrections" or name == "out" then
      i = i + 1
      o[name] = arg[i] or usage("--" .. name .. " needs a value")
    else
      usage("unknown option --" .. name)
    end
    i = i + 1
  end
  if not o.out then usage("the output file is missing") end
  if io.open(o.out .. "/.") then o.out = o.out .. "/orders.csv" end -- a folder was named
  if ENCODINGS[o.encoding] == nil then usage("unknown encoding " .. o.encoding) end
  if not o["until"]:match("^%d%d%d%d%-%d%d%-%d%d$") then usage("--until is a day as 2026-11-20") end
  return o
end

local option = options()

local here = arg[0]:match("^(.*/)") or ""
local made = dofile(here .. "make-orders-people.lua")
local written = loadfile(here .. "make-orders-writing.lua")(made)
local chance, pick, one_in, days_of, day_of = made.chance, made.pick, made.one_in, made.days_of, made.day_of
local new_phone, new_name, new_owner = made.new_phone, made.new_name, made.new_owner
local date, phone, plate, yuan, km, name = written.date, written.phone, written.plate, written.yuan, written.km, written.name

local LAST = days_of(option["until"])

-- ---------------------------------------------------------------------------------------------- orders

local KINDS = {
  { "定期保养", 40, { "更换机油机滤", "更换空滤", "四轮换位", "全车检查" }, 36000, 90000 },
  { "一般维修", 24, { "更换刹车片", "更换雨刮片", "空调检修", "底盘异响检查" }, 20000, 180000 },
  { "首次保养", 8, { "首保套餐" }, 0, 0 },
  { "事故", 9, { "前保险杠喷漆", "左前大灯更换", "钣金修复" }, 150000, 1200000 },
  { "索赔", 8, { "更换车机", "更换传感器" }, 0, 0 },
  { "PDI检查", 4, { "新车检查" }, 0, 0 },
  { "内部", 3, { "试驾车保养" }, 0, 30000 },
  { "返工", 2, { "异响复检" }, 0, 0 },
  { "加装精品", 2, { "加装脚垫", "贴膜" }, 30000, 200000 },
}

local function kind_of()
  local n = chance(100)
  for _, kind in ipairs(KINDS) do
    if n <= kind[2] then return kind end
    n = n - kind[2]
  end
  return KINDS[1]
end

local REASONS = { "客户拒访", "已现场回访", "客户要求短信" }
local per_day = {}

local function new_order(car, settled)
  local kind = kind_of()
  local opened = settled - (one_in(3) and chance(3) or 0)
  per_day[opened] = (per_day[opened] or 0) + 1
  local o = { car = car, owner = car.owner, kind = kind[1], items = {}, settled = settled, opened = opened, advisor = pick(made.ADVISORS),
    technician = pick(made.TECHNICIANS), minute = 8 * 60 + 30 + chance(540) }
  o.no = ("NJ%s%04d"):format(day_of(opened):gsub("-", ""):sub(3), per_day[opened])
  for _ = 1, math.min(chance(3), #kind[3]) do o.items[#o.items + 1] = kind[3][#o.items + 1] end
  o.fen = kind[5] > 0 and (kind[4] + chance(kind[5] - kind[4] + 1) - 1) // 100 * 100 or 0
  o.labour = o.fen * 4 // 10 // 100 * 100
  o.km = car.km
  car.km = car.km + 300 + chance(2000)
  o.picked_up = settled + (one_in(8) and chance(2) or 0)
  if o.picked_up > LAST then o.picked_up = nil end
  if car.owner.company or one_in(5) then o.bringer = { name = new_name(), phone = new_phone() } end
  if one_in(12) then o.contact = { name = new_name(), phone = new_phone() } end
  o.wanted = true
  return o
end

local cars, orders = {}, {}

local function make_orders()
  local days = {}
  for i = 1, ORDERS do days[i] = LAST - (i - 1) * DAYS // ORDERS end
  table.sort(days)
  for i, settled in ipairs(days) do
    local car
    if i > 40 and one_in(6) then car = cars[chance(#cars)] end
    if not car then
      car = made.new_car(LAST)
      cars[#cars + 1] = car
    end
    orders[i] = new_order(car, settled)
  end
end

make_orders()

-- Cars back within a week, cars that changed hands, cars not fetched yet, customers who want no call: placed, not left to chance.
local function last_before(i) return orders[i - 1 - chance(12)] end

local placed = { repeats = {}, transfers = {}, refused = {}, warned = {} }

local function reuse(i, car)
  local o = orders[i]
  o.car, o.owner, o.km = car, car.owner, car.km
  car.km = car.km + 200
end

for n = 1, 12 do
  local i = 60 + n * 25
  reuse(i, last_before(i).car)
end
for n = 1, 4 do
  local i = 120 + n * 60
  local car = orders[i - 100].car
  car.owner = new_owner()
  reuse(i, car)
  placed.transfers[#placed.transfers + 1] = orders[i].no
end
for n = 1, 12 do orders[n <= 8 and 400 - n * 3 or n * 30].picked_up = nil end
for n = 1, 16 do
  local o = orders[n * 24 + 5]
  o.wanted, o.reason = false, REASONS[n % 4 + 1]
end
for n = 1, 10 do orders[n * 37 + 3].preferred = pick { "11251001", "18:00以后", "周末" } end

-- ---------------------------------------------------------------------------------------------- lines

-- The plate stands under a caption it shares with the owner's number, one amount under two captions, one caption is misspelt.
local HEADINGS = { "工单号", "维修类型", "开单日期", "结算日期", "交车日期", "车主编号", "车主编号", "底盘号", "品牌", "车系", "车型", "购车日期",
  "车主", "车主性质", "车主手机", "送修人", "送修人手机", "联系人", "联系人手机", "服务顾问", "维修技师", "进厂里程", "工时费", "维修材料费",
  "结算金额", "总计费用", "是否三日电访", "三日电访时间", "不回访原因", "维修项目", "出库日期日期", "备注" }

local special = {} -- order -> fields that are written in a certain way

local function yesno(wanted)
  if wanted == nil then return "" end
  local n = chance(4)
  if wanted then return n == 1 and "12781001" or n == 2 and "Y" or n == 3 and "" or "是" end
  return n <= 2 and "12781002" or "否"
end

local function owner_kind(owner)
  if owner.company then return one_in(3) and "11901001" or "公司" end
  return one_in(4) and "10181001" or one_in(4) and "" or "个人"
end

local function line(o, item)
  local car, s = o.car, special[o] or {}
  local hm = ("%d:%02d"):format(o.minute // 60, o.minute % 60)
  local own_phone = s.owner_phone or phone(o.owner.phone)
  return {
    o.no, s.kind or o.kind, s.opened or date(o.opened, 1, hm), date(o.settled, 3, hm), date(o.picked_up, 2, hm), o.owner.no,
    s.plate or plate(car.plate), s.vin or car.vin, "长安", car.series, car.model, date(days_of(car.sold), 1, "0:00"),
    s.owner or name(o.owner.name, o.owner.company), owner_kind(o.owner), own_phone, o.bringer and name(o.bringer.name) or "",
    s.bringer_phone or phone(o.bringer and o.bringer.phone), o.contact and o.contact.name or "", o.contact and o.contact.phone or "", o.advisor,
    o.technician, s.km or km(o.km), yuan(o.labour), yuan(o.fen - o.labour), s.amount or yuan(o.fen), ("%d.%02d"):format(o.fen // 100, o.fen % 100),
    yesno(o.wanted), o.preferred or "", o.reason or "", item, date(o.picked_up, 1, hm), s.remark or "",
  }
end

local function warn(i, code, fields)
  local o = orders[i]
  special[o] = fields
  placed.warned[#placed.warned + 1] = { order_no = o.no, code = code }
end

local function wrong_check(vin)
  return vin:sub(1, 8) .. (vin:sub(9, 9) == "3" and "4" or "3") .. vin:sub(10)
end

-- What an import must warn of. A car with a wrong check digit is warned of each time it comes.
orders[17].car.vin, orders[118].car.vin = wrong_check(orders[17].car.vin), wrong_check(orders[118].car.vin)
for i, o in ipairs(orders) do
  if made.check_digit(o.car.vin) ~= o.car.vin:sub(9, 9) then warn(i, "vin_check", {}) end
end
for n, i in ipairs { 23, 97, 171, 246, 333 } do
  warn(i, "phone_scientific", n % 2 == 0 and { owner_phone = "1.3E+10" } or { owner_phone = "1.30E+10" })
end
warn(52, "phone_dummy", { owner_phone = "11111111111" })
warn(203, "phone_form", { owner_phone = "1300000" })
warn(66, "plate_form", { plate = "苏AI2345" })
warn(291, "plate_form", { plate = "苏A1234" })
warn(134, "date_none", { opened = "2026-02-30" })
warn(222, "date_form", { opened = "昨天" })
warn(262, "number_form", { km = "一万二" })
warn(377, "dictionary", { kind = "12041099" })

-- What an import must read in spite of everything.
special[orders[31]] = { owner = "\u{4DAE}某" }
special[orders[32]] = { owner = "\u{36C3}某" }
special[orders[81]] = { owner_phone = orders[81].owner.phone .. "/" .. new_phone() }
special[orders[82]] = { owner_phone = new_phone() .. "、" .. made.new_line() }
special[orders[143]] = { remark = '客户说："下次先打电话",\r\n再来取车' }
special[orders[144]] = { remark = "旧件带走；\n发票已开" }
special[orders[191]] = { owner = "张先生" }
special[orders[310]] = { amount = "(" .. ("%d.%02d"):format(orders[310].fen // 100, orders[310].fen % 100) .. ")" }
special[orders[44]], special[orders[205]] = { plate = "无牌照" }, { plate = "" }
orders[31].owner.name, orders[32].owner.name = "\u{4DAE}某", "\u{36C3}某"

local BAD_VINS = {
  { 75, "vin_length", function(vin) return vin:sub(1, 16) end }, { 151, "vin_length", function(vin) return vin .. "0" end },
  { 228, "vin_letters", function(vin) return vin:sub(1, 11) .. "O" .. vin:sub(13) end },
  { 299, "vin_letters", function(vin) return vin:sub(1, 7) .. "I" .. vin:sub(9) end }, { 366, "vin_equal", function() return ("1"):rep(17) end },
}
local bad_vin = {}
for _, bad in ipairs(BAD_VINS) do bad_vin[orders[bad[1]]] = bad end

local rows, facts = {}, { lines = 0, blank = 0, totals = 0, repeats = 0, further = 0, refused = 0 }

local function put(row) rows[#rows + 1] = row end

local function blank(row)
  put(row)
  facts.blank = facts.blank + 1
end

-- A clerk typed the VIN wrong, the dealer system kept that line and the right one.
local function put_refused(o, bad)
  local row = line(o, o.items[1])
  row[8] = bad[3](o.car.vin)
  put(row)
  facts.refused = facts.refused + 1
  placed.refused[#placed.refused + 1] = { order_no = o.no, code = bad[2] }
end

local function put_order(i, o)
  if bad_vin[o] then put_refused(o, bad_vin[o]) end
  for n, item in ipairs(o.items) do
    local row = line(o, item)
    if n > 1 then
      facts.further = facts.further + 1
      if i % 10 == 0 then -- merged cells leave the keys of further lines empty
        for c = 1, #HEADINGS do row[c] = "" end
        row[30] = item
      end
    end
    put(row)
  end
  if i % 61 == 0 then
    put(line(o, o.items[1]))
    facts.repeats = facts.repeats + 1
  end
end

local function sum_row(word, fen)
  local row = {}
  for c = 1, #HEADINGS do row[c] = "" end
  row[1], row[25], row[26] = word, ("%d.%02d"):format(fen // 100, fen % 100), ("%d.%02d"):format(fen // 100, fen % 100)
  put(row)
  facts.totals = facts.totals + 1
end

local function put_all()
  local all, month, last = 0, 0, nil
  for i, o in ipairs(orders) do
    local this = day_of(o.settled):sub(1, 7)
    if last and this ~= last then
      sum_row("小计", month)
      month = 0
    end
    last, month, all = this, month + o.fen, all + o.fen
    put_order(i, o)
    if i == 100 then blank {} end
    if i == 200 then
      local empty = {}
      for c = 1, #HEADINGS do empty[c] = "" end
      blank(empty)
    end
  end
  sum_row("小计", month)
  sum_row("合计", all)
end

put_all()
facts.lines = #rows

-- ---------------------------------------------------------------------------------------------- out

local delimiter = option.encoding == "utf-16le" and "\t" or ","

local function cell(s)
  s = tostring(s)
  if s:find('[",\r\n]') or s:find(delimiter, 1, true) then return '"' .. s:gsub('"', '""') .. '"' end
  return s
end

local function csv(list)
  local out = {}
  for i, row in ipairs(list) do
    local cells = {}
    for c, value in ipairs(row) do cells[c] = cell(value) end
    out[i] = table.concat(cells, delimiter)
  end
  return table.concat(out, "\r\n") .. "\r\n"
end

local function fail(path, why)
  io.stderr:write(("%s: cannot be written: %s\n"):format(path, tostring(why)))
  os.exit(1)
end

local function write(path, text)
  local to = ENCODINGS[option.encoding]
  if option.encoding ~= "utf-8" and option.encoding ~= "gb18030" then text = "\u{FEFF}" .. text end
  local quoted = "'" .. path:gsub("'", "'\\''") .. "'"
  local f = to and io.popen(("iconv -f UTF-8 -t %s > %s"):format(to, quoted), "w") or not to and io.open(path, "wb")
  if not f then fail(path, "the folder or the rights") end
  f:write(text)
  if not f:close() then fail(path, "iconv or the disk") end
end

local title = {
  { "示例长安（南京）店 维修结算明细表" },
  { "导出时间：" .. option["until"] .. " 18:30", "", "操作员：信息员" },
  HEADINGS,
}
local body = table.move(rows, 1, #rows, #title + 1, table.move(title, 1, #title, 1, {}))
write(option.out, csv(body))

-- ---------------------------------------------------------------------------------------------- some days later

local LATER = { "工单号", "维修类型", "开单日期", "结算日期", "交车日期", "车牌号", "VIN", "车主", "车主手机", "服务顾问", "结算金额", "是否三日电访" }
local later = { resettled = {}, picked_up = {}, transferred = {} }

local function later_row(o, settled, picked_up, fen)
  return { o.no, o.kind, day_of(o.opened), day_of(settled), picked_up and day_of(picked_up) or "", o.car.plate, o.car.vin, o.owner.name,
    o.owner.phone, o.advisor, ("%d.%02d"):format(fen // 100, fen % 100), "是" }
end

local function make_later()
  local list = { LATER }
  for _, i in ipairs { 300, 340, 380 } do
    local o = orders[i]
    list[#list + 1] = later_row(o, o.settled + 1, o.picked_up or o.settled + 1, o.fen + 8800)
    later.resettled[#later.resettled + 1] = o.no
  end
  for i = 376, 399 do
    local o = orders[i]
    if not o.picked_up and o.fen >= 0 and #later.picked_up < 5 and i ~= 380 then
      list[#list + 1] = later_row(o, o.settled, LAST + 1, o.fen)
      later.picked_up[#later.picked_up + 1] = o.no
    end
  end
  local sold = new_order({ vin = orders[20].car.vin, plate = orders[20].car.plate, owner = new_owner(), km = 50000, series = "", model = "",
    sold = day_of(LAST - 900) }, LAST + 1)
  sold.no = "NJ-LATER-0001"
  list[#list + 1] = later_row(sold, LAST + 1, LAST + 1, 68800)
  later.transferred[1] = { order_no = sold.no, vin = sold.car.vin }
  return list
end

if option.corrections then write(option.corrections, csv(make_later())) end

-- ---------------------------------------------------------------------------------------------- facts

local function json(v)
  if type(v) ~= "table" then
    return type(v) == "string" and '"' .. v:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"' or tostring(v)
  end
  local out = {}
  if #v > 0 or next(v) == nil then
    for i, item in ipairs(v) do out[i] = json(item) end
    return "[" .. table.concat(out, ",") .. "]"
  end
  local keys = {}
  for key in pairs(v) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do out[i] = json(key) .. ":" .. json(v[key]) end
  return "{" .. table.concat(out, ",") .. "}"
end

local function tell()
  local not_picked_up, excluded, kinds, by_month, list = 0, 0, {}, {}, {}
  for i, o in ipairs(orders) do
    local settled = day_of(o.settled)
    not_picked_up = not_picked_up + (o.picked_up and 0 or 1)
    excluded = excluded + (o.reason and 1 or 0)
    kinds[o.kind] = (kinds[o.kind] or 0) + 1
    by_month[settled:sub(1, 7)] = (by_month[settled:sub(1, 7)] or 0) + 1
    local s = special[o] or {} -- what was written there instead cannot be read
    list[i] = { order_no = o.no, vin = o.car.vin, plate = not s.plate and o.car.plate or false, kind = s.kind or o.kind,
      settled_on = settled, picked_up_on = o.picked_up and day_of(o.picked_up) or false, advisor = o.advisor, owner = s.owner or o.owner.name,
      company = o.owner.company or false, call_wanted = o.wanted, no_call_reason = o.reason or false, amount_fen = s.amount and -o.fen or o.fen,
      km = not s.km and o.km or false }
  end
  return {
    orders = #orders, cars = #cars, ["until"] = option["until"], encoding = option.encoding, not_picked_up = not_picked_up,
    no_call_reason = excluded, kinds = kinds, settled_by_month = by_month, bad_vins = placed.refused, warnings = placed.warned,
    transfers = placed.transfers, later = later,
    expected = { read = facts.lines, new = #orders, updated = 0, refused = facts.refused, warned = #placed.warned,
      skipped = facts.lines - #orders - facts.refused },
    lines = { blank = facts.blank, totals = facts.totals, repeats = facts.repeats, further = facts.further }, list = list,
  }
end

if option.facts then
  local f, why = io.open(option.facts, "w")
  if not f then fail(option.facts, why) end
  f:write(json(tell()), "\n")
  f:close()
end
