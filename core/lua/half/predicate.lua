-- Conditions over facts, written as Lua and kept as data.
--
-- A fact is a handle; its methods make conditions, and `& | ~` combine them:
--     c.amount:gt(1000) & c.topic:is "charges"
-- A condition is a plain table ({op, fact, value, at} or {op, args}) that freezes to the JSON which the rules evaluate.
-- Everything that can be wrong before a fact is known is refused here, where the line is known. Errors are tables
-- {zh, en, at}; tostring gives "file:line: zh / en". Beyond reach: `==` between a fact and a value is plain false in
-- Lua, and `and`, `or`, `not` never reach us.
--
-- The chunk returns a function of `here`: here(1) -> "file:line" of who called the function that calls `here`. So every
-- function of this face asks first thing, before any call of its own could take its frame away.

local getmetatable, setmetatable, rawget, tonumber = getmetatable, setmetatable, rawget, tonumber
local type, error, next, pairs, ipairs, tostring, select = type, error, next, pairs, ipairs, tostring, select
local math_type, huge, min, max = math.type, math.huge, math.min, math.max
local format, match = string.format, string.match
local concat, sort = table.concat, table.sort
local codes, utf8_len = utf8.codes, utf8.len

local LONGEST_PATTERN = 4096 -- bytes; the core's own limit

local TYPES = {
  text = { zh = "文字", en = "a text" },
  number = { zh = "数字", en = "a number" },
  bool = { zh = "是非值", en = "true or false" },
  day = { zh = "日期", en = "a day" },
  list = { zh = "列表", en = "a list" },
  json = { zh = "任意数据", en = "any data" },
}

local Problem = {
  __name = "problem",
  __tostring = function(e)
    return (e.at and e.at .. ": " or "") .. e.zh .. " / " .. e.en
  end,
}

-- "did you mean": letters inserted, dropped, replaced, or two neighbours exchanged. ---------------------------------

local function letters(s)
  local out = {}
  for _, c in codes(s, true) do
    out[#out + 1] = c
    if #out == 64 then break end
  end
  return out
end

local function distance(a, b)
  local older, before = {}, {}
  for j = 0, #b do before[j] = j end
  for i = 1, #a do
    local now = { [0] = i }
    for j = 1, #b do
      local d = min(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i] == b[j] and 0 or 1))
      if i > 1 and j > 1 and a[i] == b[j - 1] and a[i - 1] == b[j] then d = min(d, older[j - 2] + 1) end
      now[j] = d
    end
    older, before = before, now
  end
  return before[#b]
end

local function sorted_names(names)
  local out = {}
  for name in pairs(names) do out[#out + 1] = name end
  sort(out)
  return out
end

-- A name that is no UTF-8 has no letters and is near to nothing.
local function letters_or_none(s)
  return utf8_len(s, 1, -1, true) and letters(s) or {}
end

local function nearest(name, names)
  local wanted = letters_or_none(name)
  local best, found = (#wanted <= 3 and 1 or max(2, #wanted // 3)) + 1, nil
  for _, candidate in ipairs(sorted_names(names)) do
    local d = distance(wanted, letters_or_none(candidate))
    if d < best and d < #wanted then best, found = d, candidate end
  end
  return found
end

-- Describing what somebody wrote, in both languages. ----------------------------------------------------------------

local Fact, Node = { __name = "fact" }, { __name = "condition" }

local function is_fact(v)
  return type(v) == "table" and getmetatable(v) == Fact
end

local function is_predicate(v)
  return type(v) == "table" and getmetatable(v) == Node
end

local KINDS = {
  string = { zh = "文字", en = "a text" },
  number = { zh = "数字", en = "a number" },
  boolean = { zh = "是非值", en = "true or false" },
  table = { zh = "表", en = "a table" },
  ["function"] = { zh = "函数", en = "a function" },
  ["nil"] = { zh = "空值 nil（变量名写错了？）", en = "nil (a misspelt variable?)" },
}

local function described(v)
  if is_fact(v) then
    return {
      zh = format("数据项 '%s'", v.fact),
      en = format("the fact '%s'", v.fact),
    }
  elseif is_predicate(v) then
    return { zh = "条件", en = "a condition" }
  end
  return KINDS[type(v)] or { zh = "不能使用的值", en = "something else" }
end

-- Checking values. --------------------------------------------------------------------------------------------------

local function is_number(v)
  return math_type(v) == "integer" or (math_type(v) == "float" and v == v and v ~= huge and v ~= -huge)
end

local function is_day(v)
  local y, m, d = match(type(v) == "string" and v or "", "^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  if not y then return false end
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  local leap = y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0)
  local lengths = { 31, leap and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  return m >= 1 and m <= 12 and d >= 1 and d <= lengths[m]
end

local function is_text(v)
  return type(v) == "string" and utf8_len(v) ~= nil
end

local function is_scalar(v)
  return is_text(v) or is_number(v)
end

-- A table with the keys 1..n and no others, of plain values.
local function is_sequence(v)
  if type(v) ~= "table" or is_fact(v) or is_predicate(v) then return false end
  local n = 0
  for _ in next, v do n = n + 1 end
  for i = 1, n do
    if rawget(v, i) == nil then return false end
  end
  return true, n
end

local function same_kind(list)
  for _, v in ipairs(list) do
    if not is_scalar(v) or type(v) ~= type(list[1]) then return false end
  end
  return true
end

-- Data that JSON can hold; a fact or a condition inside is a mistake.
local function is_data(v, depth)
  if type(v) == "boolean" or is_scalar(v) then return true end
  if type(v) ~= "table" or is_fact(v) or is_predicate(v) or depth > 16 then return false end
  local list = is_sequence(v)
  for key, each in next, v do
    if not (list or is_text(key)) or not is_data(each, depth + 1) then return false end
  end
  return true
end

local function copied(v)
  if type(v) ~= "table" then return v end
  local out = {}
  for key, each in next, v do out[key] = copied(each) end
  return out
end

-- For each type of fact: what one value compared with it must be.
local FITS = {
  text = is_text,
  number = is_number,
  bool = function(v) return type(v) == "boolean" end,
  day = is_day,
  -- An empty table cannot say whether it is a list.
  list = function(v) return is_sequence(v) and next(v) ~= nil and is_data(v, 1) end,
  json = function(v) return is_data(v, 1) and not (type(v) == "table" and next(v) == nil) end,
}

local WANTED = {
  text = { zh = "一个文字", en = "a text" },
  number = { zh = "一个数字", en = "a number" },
  bool = { zh = "true 或 false", en = "true or false" },
  day = { zh = '有效日期，如 "2026-11-20"', en = 'a valid day such as "2026-11-20"' },
  list = { zh = "一个非空的列表（空列表请用 :empty()）", en = "a list that is not empty (for that there is :empty())" },
  json = { zh = "数据（空表请用 :empty()）", en = "data (for an empty table there is :empty())" },
  scalar = { zh = "一个文字或数字", en = "a text or a number" },
  texts = { zh = "非空的列表，全是文字或全是数字", en = "a list that is not empty, all texts or all numbers" },
  pattern = {
    zh = format("一个正则表达式（非空，最长 %d 字节）", LONGEST_PATTERN),
    en = format("a regular expression (not empty, at most %d bytes)", LONGEST_PATTERN),
  },
}

-- Each checks one form of value; returns nothing when it fits, else what would, in both languages.
local FORMS = {}

function FORMS.any(fact, v)
  if not FITS[fact.type](v) then return WANTED[fact.type] end
end

function FORMS.ordered(fact, v)
  if fact.type == "json" then return not is_scalar(v) and WANTED.scalar or nil end
  return FORMS.any(fact, v)
end

function FORMS.scalar(_, v)
  if not is_scalar(v) then return WANTED.scalar end
end

function FORMS.scalars(fact, v)
  local list, n = is_sequence(v)
  if not list or n == 0 or not same_kind(v) then return WANTED.texts end
  if fact.type == "list" then return nil end
  for _, each in ipairs(v) do
    if not FITS[fact.type](each) then return WANTED[fact.type] end
  end
end

function FORMS.pattern(_, v)
  if not is_text(v) or v == "" or #v > LONGEST_PATTERN then return WANTED.pattern end
end

local EVERY = "text number bool day list json"
local METHODS = {
  is = { form = "any", of = EVERY },
  isnt = { form = "any", of = EVERY },
  lt = { form = "ordered", of = "text number day json" },
  le = { form = "ordered", of = "text number day json" },
  gt = { form = "ordered", of = "text number day json" },
  ge = { form = "ordered", of = "text number day json" },
  one_of = { form = "scalars", of = "text number day json" },
  has = { form = "scalar", of = "list json" },
  has_any = { form = "scalars", of = "list json" },
  has_all = { form = "scalars", of = "list json" },
  matches = { form = "pattern", of = "text json" },
  empty = { of = "text day list json" },
  answered = { of = EVERY },
  yes = { op = "true", of = "bool json" },
}
for _, spec in pairs(METHODS) do
  local of = {}
  for name in spec.of:gmatch "%a+" do of[name] = true end
  spec.of = of
end

local function methods_for(fact_type)
  local out = {}
  for name, spec in pairs(METHODS) do
    if spec.of[fact_type] then out[#out + 1] = name end
  end
  sort(out)
  return concat(out, ", ")
end

-- What engines ask of any table to learn what it is; a fact has none of these, and that is no mistake of the author.
local PROBED = {}
for key in ("op args arg value at zh en fn id point data version"):gmatch "%a+" do PROBED[key] = true end

return function(here)
  local M = {}

  local function fail(at, zh, en, ...)
    error(setmetatable({ zh = format(zh, ...), en = format(en, ...), at = at }, Problem), 0)
  end

  -- The two languages rarely want their arguments in one order, so most callers format themselves.
  local function fail_with(at, zh, en)
    error(setmetatable({ zh = zh, en = en, at = at }, Problem), 0)
  end

  local function frozen(_, key)
    fail(here(1), "数据项和条件不能修改（'%s'）", "facts and conditions cannot be changed ('%s')", tostring(key))
  end

  -- Methods of facts ------------------------------------------------------------------------------------------------

  local function check_receiver(at, name, self)
    if is_fact(self) then return end
    fail(at, "请用冒号调用：fact:%s(...)", "call it with a colon: fact:%s(...)", name)
  end

  local function check_type(at, name, spec, self)
    if spec.of[self.type] then return end
    local is = TYPES[self.type]
    fail_with(at,
      format("数据项 '%s' 是%s，不能用 :%s；可用：%s", self.fact, is.zh, name, methods_for(self.type)),
      format("fact '%s' is %s and has no :%s; it has %s", self.fact, is.en, name, methods_for(self.type)))
  end

  local function check_value(at, name, spec, self, n, v)
    if not spec.form then
      if n == 0 then return end
      fail(at, "'%s':%s() 不带参数", "'%s':%s() takes no value", self.fact, name)
    end
    local wanted = FORMS[spec.form](self, v)
    if n > 1 then
      fail(at, "'%s':%s 只接受一个值", "'%s':%s takes one value", self.fact, name)
    elseif wanted then
      local is = described(v)
      fail_with(at, format("'%s':%s 需要%s，这里是%s", self.fact, name, wanted.zh, is.zh),
        format("'%s':%s needs %s, not %s", self.fact, name, wanted.en, is.en))
    end
  end

  local methods = {}
  for name, spec in pairs(METHODS) do
    methods[name] = function(self, ...)
      local at = here(1)
      local v = ...
      check_receiver(at, name, self)
      check_type(at, name, spec, self)
      check_value(at, name, spec, self, select("#", ...), v)
      return setmetatable({ op = spec.op or name, fact = self.fact, value = copied(v), at = at }, Node)
    end
  end

  function Fact.__index(self, key)
    local method = methods[key]
    if method or PROBED[key] or type(key) ~= "string" then return method end
    local near = nearest(key, methods)
    if near then
      fail(here(1), "数据项 '%s' 没有方法 '%s'（是不是 '%s'？）",
        "fact '%s' has no method '%s' (did you mean '%s'?)", self.fact, key, near)
    end
    local list = methods_for(self.type)
    fail(here(1), "数据项 '%s' 没有方法 '%s'；可用：%s", "fact '%s' has no method '%s'; it has %s", self.fact, key, list)
  end

  -- Combining -------------------------------------------------------------------------------------------------------

  local function check_operand(at, sign, v)
    if is_predicate(v) then return end
    if is_fact(v) then
      local hint = v.type == "bool" and "yes()" or "is(...)"
      fail(at, "'%s' 两边都要是条件；数据项 '%s' 还不是，请写成 '%s':%s",
        "both sides of '%s' must be conditions; the fact '%s' is none yet: write '%s':%s", sign, v.fact, v.fact, hint)
    end
    local is = described(v)
    fail_with(at, format("'%s' 两边都要是条件，这里有%s", sign, is.zh),
      format("both sides of '%s' must be conditions, not %s", sign, is.en))
  end

  -- A chain of one operator becomes one node, so that it reads as it was written and stays shallow.
  local function add_parts(args, op, node)
    if node.op ~= op then
      args[#args + 1] = node
      return
    end
    for _, part in ipairs(node.args) do args[#args + 1] = part end
  end

  local function junction(op, sign)
    return function(a, b)
      local at = here(1)
      check_operand(at, sign, a)
      check_operand(at, sign, b)
      local args = {}
      add_parts(args, op, a)
      add_parts(args, op, b)
      return setmetatable({ op = op, args = args }, Node)
    end
  end

  local conjoin, disjoin = junction("and", "&"), junction("or", "|")

  local function negate(a)
    check_operand(here(1), "~", a)
    return setmetatable({ op = "not", arg = a }, Node)
  end

  local function misuse(zh, en)
    return function() fail(here(1), zh, en) end
  end

  -- Lua would say "attempt to compare", which is true and helps nobody.
  local no_order = misuse("不能用 < <= > >= 比较；请写 :lt :le :gt :ge", "< <= > >= cannot be used; write :lt :le :gt :ge")
  local no_sum = misuse("数据项和条件不能参与运算", "facts and conditions cannot be reckoned with")
  local no_call = misuse("数据项和条件不能直接调用；请用方法，例如 :is(...)",
    "facts and conditions cannot be called; use a method such as :is(...)")
  local no_xor = misuse("~ 只能放在一个条件前面；组合请用 & 和 |", "~ stands before one condition; combine with & and |")

  for _, meta in ipairs { Fact, Node } do
    meta.__band, meta.__bor, meta.__bnot, meta.__bxor = conjoin, disjoin, negate, no_xor
    meta.__lt, meta.__le, meta.__call = no_order, no_order, no_call
    for _, name in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "shl", "shr", "concat" } do
      meta["__" .. name] = no_sum
    end
  end

  -- Only the names of methods are refused, because an engine may ask any value for its keys.
  function Node.__index(_, key)
    if not methods[key] then return nil end
    fail(here(1), "条件没有方法 '%s'；请用 & | ~ 组合条件", "a condition has no method '%s'; combine conditions with & | ~", key)
  end

  Fact.__newindex, Node.__newindex = frozen, frozen

  -- Facts -----------------------------------------------------------------------------------------------------------

  local function new_fact(at, name, fact_type)
    if not is_text(name) or name == "" then
      local is = described(name)
      fail_with(at, format("数据项的名称应是文字，这里是%s", is.zh),
        format("the name of a fact must be a text, not %s", is.en))
    elseif not (type(fact_type) == "string" and TYPES[fact_type]) then
      fail(at, "数据项 '%s' 的类型应为 text、number、bool、day、list 或 json，这里是 %s",
        "the type of fact '%s' must be text, number, bool, day, list or json, not %s", name, tostring(fact_type))
    end
    return setmetatable({ fact = name, type = fact_type }, Fact)
  end

  function M.fact(name, fact_type)
    local at = here(1)
    return (new_fact(at, name, fact_type))
  end

  local function unknown_fact(at, set_name, set, key)
    local shown = tostring(key)
    local near = type(key) == "string" and nearest(key, set)
    if near then
      fail(at, "没有名为 '%s' 的数据项（是不是 '%s'？）", "unknown fact '%s' (did you mean '%s'?)", shown, near)
    end
    fail(at, "没有名为 '%s' 的数据项；'%s' 有：%s", "unknown fact '%s'; '%s' has %s", shown, set_name,
      concat(sorted_names(set), ", "))
  end

  local function check_title(at, name, title)
    if title == nil or is_text(title) or type(title) == "table" and is_text(title.zh) and is_text(title.en) then return end
    fail(at, "数据项 '%s' 的 title 应是文字或 { zh = ..., en = ... }", "the title of fact '%s' must be a text or { zh = ..., en = ... }",
      tostring(name))
  end

  function M.facts(name, columns)
    local at = here(1)
    if type(name) ~= "string" or type(columns) ~= "table" then
      fail(at, "facts(名称, 列)：名称应是文字，列应是表", "facts(name, columns): name is a text, columns a table")
    end
    local set = {}
    for key, column in pairs(columns) do
      if type(column) ~= "table" then
        fail(at, "数据项 '%s' 应是表 { type = ..., title = ... }", "fact '%s' must be a table { type = ..., title = ... }",
          tostring(key))
      end
      check_title(at, key, column.title)
      set[key] = new_fact(at, key, column.type)
    end
    return setmetatable(set, {
      __name = "facts",
      __index = function(self, key) unknown_fact(here(1), name, self, key) end,
      __newindex = frozen,
    })
  end

  function Fact.__tostring(self) return "fact '" .. self.fact .. "'" end

  M.is_predicate, M.is_fact, M.nearest = is_predicate, is_fact, nearest
  return M
end
