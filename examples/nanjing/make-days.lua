#!/usr/bin/env lua5.4
-- Makes the example's past weeks out of its work orders: one export for each evening, as the dealer system would have written it, and the
-- steps that people took, each with its time and its person, for `forecourt run --steps`. The plugin `play` says what a step does.
--
--   lua5.4 make-days.lua ORDERS.csv FACTS.json OUT-FOLDER --until 2026-11-20
--
-- ORDERS.csv and FACTS.json are what make-orders.lua writes with --encoding utf-8 --facts. OUT-FOLDER gets orders-YYYYMMDD.csv and steps.txt;
-- the steps name the exports as import/orders-YYYYMMDD.csv: run them from the site's folder. The last day played is UNTIL, its evening makes
-- the list of the day after: that is the morning a newcomer finds.

local orders_file, facts_file, out, flag, last = table.unpack(arg)
if flag ~= "--until" or not (last or ""):match "^%d%d%d%d%-%d%d%-%d%d$" then
  io.stderr:write "usage: lua5.4 make-days.lua ORDERS.csv FACTS.json OUT-FOLDER --until YYYY-MM-DD\n"
  os.exit(2)
end

local function read(path)
  local f, why = io.open(path, "rb")
  if not f then
    io.stderr:write(why, "\n")
    os.exit(1)
  end
  local text = f:read "a"
  f:close()
  return text
end

-- ---------------------------------------------------------------------------------------------- days

local function day_of(offset)
  local y, m, d = last:match "(%d+)-(%d+)-(%d+)"
  return os.date("%Y-%m-%d", os.time { year = tonumber(y), month = tonumber(m), day = tonumber(d) + offset, hour = 12 })
end

-- An order reaches the archive on the evening of the day its car was taken home.
local known_on, first = {}, last
for object in read(facts_file):gmatch "{[^{}]*}" do
  local order_no, settled = object:match '"order_no":"([^"]+)"', object:match '"settled_on":"([^"]+)"'
  if order_no and settled then
    local day = object:match '"picked_up_on":"([^"]+)"' or settled
    if day < settled then day = settled end
    known_on[order_no] = day
    if day < first then first = day end
  end
end

-- ---------------------------------------------------------------------------------------------- exports

-- Records with their line ends; a quoted cell may hold one.
local function records(text)
  local list, from, at, quoted = {}, 1, 1, false
  while at <= #text do
    local c = text:byte(at)
    if c == 34 then quoted = not quoted end
    if c == 10 and not quoted then
      list[#list + 1] = text:sub(from, at)
      from = at + 1
    end
    at = at + 1
  end
  return list
end

local function write_gb18030(path, text)
  local f = assert(io.popen(("iconv -f UTF-8 -t GB18030 > '%s'"):format(path:gsub("'", "'\\''")), "w"))
  f:write(text)
  if not f:close() then
    io.stderr:write(path, ": cannot be written\n")
    os.exit(1)
  end
end

local by_day = {}

local function split()
  local list = records(read(orders_file))
  local title, heading, day = list[1], list[3], nil
  for i = 4, #list do
    local key = list[i]:match "^([^,]*),"
    if key and key ~= "" then day = known_on[key] end -- an empty key goes on with the order above; a total belongs to no day
    if day then
      by_day[day] = by_day[day] or {}
      table.insert(by_day[day], list[i])
    end
  end
  for at, rows in pairs(by_day) do
    local made = ("导出时间：%s 18:30,,操作员：信息员\r\n"):format(at)
    write_gb18030(("%s/orders-%s.csv"):format(out, at:gsub("-", "")), title .. made .. heading .. table.concat(rows))
  end
end

-- ---------------------------------------------------------------------------------------------- steps

local lines = {}

local function step(day, hm, login, words) lines[#lines + 1] = ("@%sT%s:%02d %s %s"):format(day, hm, #lines * 7 % 60, login, words) end

local function call(o)
  local words = { "play-day --act call --tale", o.tale or "any" }
  for _, key in ipairs { "story", "advisor", "time", "days", "leave" } do
    if o[key] then words[#words + 1] = ("--%s %s"):format(key, o[key]) end
  end
  return table.concat(words, " ")
end

-- When the telephone is lifted; the second specialist begins a little later.
local TIMES = {
  zhou = { "09:12", "09:31", "09:54", "10:22", "10:40", "11:06", "14:11", "14:35", "15:02", "15:40" },
  lin = { "09:24", "09:47", "10:09", "10:33", "10:51", "14:22", "14:48", "15:31" },
}

-- Each has a day of rest in the week; somebody is always there. Told by the days left to the last one, so that the end is always the same.
local REST = { zhou = 6, lin = 4 }
local function at_work(login, left) return left % 7 ~= REST[login] end

-- What is told of the last days, in place of chance: days left -> place in TIMES -> step.
local TOLD = {
  [33] = { zhou = { [2] = { tale = "serious", story = "refund" } } },
  [17] = { lin = { [2] = { tale = "serious", story = "lamp" } } },
  [2] = { zhou = { [4] = { tale = "serious", story = "noise" } } },
  [1] = { zhou = { [2] = { tale = "serious", story = "bill" } }, lin = { [1] = { tale = "promise", time = "15:30", days = 2 }, [2] = { tale = "minor" } } },
  [0] = {
    zhou = { [1] = { tale = "promise", time = "10:00" }, [2] = { tale = "well" }, [3] = { tale = "serious", story = "scratch" } },
    lin = { [1] = { tale = "minor", advisor = "李工" }, [2] = { tale = "bad", advisor = "李工" }, [3] = { tale = "unreached" } },
  },
}

-- Nobody lifts the telephone on the stroke of a minute every day.
local function about(hm, left, i)
  local minutes = tonumber(hm:sub(1, 2)) * 60 + tonumber(hm:sub(4, 5)) + (left * 5 + i * 3) % 9
  return ("%02d:%02d"):format(minutes // 60, minutes % 60)
end

local function day_steps(day, left)
  local list, calm = {}, left < 12
  local function add(hm, login, words) list[#list + 1] = { hm, login, words } end
  for login, times in pairs(TIMES) do
    if at_work(login, left) then
      add(about("08:46", left, #login), login, "play-day --act second --result " .. (left == 0 and "unsatisfied" or left < 4 and "satisfied" or "any"))
      for i, hm in ipairs(times) do
        local o = TOLD[left] and TOLD[left][login] and TOLD[left][login][i] or { tale = calm and "calm" or "any" }
        if left == 0 then o.leave = 4 end -- the newcomer's morning: some are left over, and who was not reached waits for him
        if left > 0 or hm < "12:00" then add(about(hm, left, i), login, call(o)) end
      end
      add(about("16:05", left, #login), login, "play-day --act reply")
    end
  end
  add(about("10:15", left, 1), "he", "play-day --act answer")
  add(about("11:20", left, 2), "li", "play-day --act reply")
  add(about("16:42", left, 3), "sun", "play-day --act sign")
  table.sort(list, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
  for _, s in ipairs(list) do step(day, s[1], s[2], s[3]) end
end

local function days_between(a, b)
  local n = 0
  while day_of(-n) > a do n = n + 1 end
  return n - (b or 0)
end

split()
for left = days_between(first), 0, -1 do
  local day = day_of(-left)
  day_steps(day, left)
  if by_day[day] then step(day, "18:35", "sun", ("import-dms --file import/orders-%s.csv"):format(day:gsub("-", ""))) end
  step(day, "18:45", "sun", "due-calls --day " .. day_of(1 - left))
end

local f = assert(io.open(out .. "/steps.txt", "w"))
f:write(table.concat(lines, "\n"), "\n")
f:close()
