-- assert of tests, in luassert's words: assert.equal, assert.are.same, assert.is_not.nil, assert.has_error ... A failure says which field
-- differs, what was expected there and what was got, in both languages, at the line of the test.
local core = require "host.core"
local json = require "host.json"
local doubles = require "host.core.doubles"

local M = {}
local MOST = 8 -- differences shown

-- The nearest line that is not of this file or its neighbours.
function M.here()
  for level = 1, 12 do
    local at = core.here(level)
    if not at:find("^host/") then return at end
  end
  return ""
end

local function show(v)
  if type(v) == "table" and not doubles.is(v) then
    local ok, text = pcall(json.encode, v)
    text = ok and text or "table"
    return #text > 160 and text:sub(1, (utf8.offset(text, 0, 158) or 158) - 1) .. "…" or text
  end
  return type(v) == "string" and '"' .. v:gsub("[%c]", function(c) return ("\\x%02X"):format(c:byte()) end) .. '"' or tostring(v)
end

local function path_of(path, key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return path .. "." .. key end
  return path .. "[" .. show(key) .. "]"
end

local function keys_of(a, b)
  local keys, seen = {}, {}
  for _, t in ipairs { a, b } do
    for k in pairs(t) do
      if not seen[k] then
        seen[k] = true
        keys[#keys + 1] = k
      end
    end
  end
  table.sort(keys, function(x, y)
    if type(x) == type(y) and (type(x) == "number" or type(x) == "string") then return x < y end
    return type(x) < type(y) or type(x) == type(y) and tostring(x) < tostring(y)
  end)
  return keys
end

-- What differs, each as { path, want, got }; a pair of tables that is being compared already is the same further in.
local function differences(want, got, path, out, open)
  if rawequal(want, got) or want == got then return out end
  if type(want) ~= "table" or type(got) ~= "table" then
    out[#out + 1] = { path, want, got }
    return out
  end
  if open[want] == got then return out end
  open[want] = got
  for _, key in ipairs(keys_of(want, got)) do differences(want[key], got[key], path_of(path, key), out, open) end
  open[want] = nil
  return out
end

local function same(want, got) return #differences(want, got, "", {}, {}) == 0 end

local function line(d, zh)
  local want, got = d[2] == nil and (zh and "没有" or "nothing") or show(d[2]), d[3] == nil and (zh and "没有" or "nothing") or show(d[3])
  local path = d[1] == "" and "" or d[1]:gsub("^%.", "") .. (zh and "：" or ": ")
  return path .. (zh and "应为 " .. want .. "，实际是 " .. got or "expected " .. want .. ", got " .. got)
end

local function explain(want, got)
  local list = differences(want, got, "", {}, {})
  if #list == 0 then list = { { "", want, got } } end
  local zh, en = {}, {}
  for i = 1, math.min(#list, MOST) do zh[i], en[i] = line(list[i], true), line(list[i], false) end
  if #list > MOST then
    zh[#zh + 1], en[#en + 1] = ("还有 %d 处不同"):format(#list - MOST), ("and %d more differences"):format(#list - MOST)
  end
  local head = #list > 1 and "\n        " or ""
  return head .. table.concat(zh, "\n        "), head .. table.concat(en, "\n        ")
end

local function fail(zh, en, message)
  local before = message ~= nil and tostring(message) .. ": " or ""
  error({ zh = before .. zh, en = before .. en, at = M.here() }, 0)
end

local function words(e) return type(e) == "table" and (e.zh or e.en) and (tostring(e.zh) .. " / " .. tostring(e.en)) or show(e) end

-- An error table has `at` beside its sentences, which no test writes down.
local function is_error(expected, e)
  if type(expected) ~= "table" then return words(e):find(expected, 1, true) ~= nil or words(e):find(expected) ~= nil end
  if type(e) ~= "table" then return false end
  for key, value in pairs(expected) do if not same(value, e[key]) then return false end end
  return true
end

-- Each: ok, and what to say where it is not: zh, en of the rule itself, of its opposite. Arguments as luassert has them; n of them
-- are the rule's, the next one is the test's own message.
local C = {}

local function simple(zh, en, test)
  return { n = 1, run = function(v)
    local got = show(v)
    return test(v), zh .. "，实际是 " .. got, en .. ", got " .. got, "不应为 " .. got, "expected something else than " .. got
  end }
end

C.equal = { n = 2, run = function(want, got)
  local zh, en = explain(want, got)
  if want ~= got and same(want, got) then
    zh = "内容相同，但不是同一个表（用 assert.same）：" .. show(got)
    en = "equal content, but not one and the same table (use assert.same): " .. show(got)
  end
  return want == got, zh, en, "不应为 " .. show(got), "expected something else than " .. show(got)
end }
C.same = { n = 2, run = function(want, got)
  if same(want, got) then return true, nil, nil, "不应为 " .. show(got), "expected something else than " .. show(got) end
  return false, explain(want, got)
end }
C["true"] = simple("应为 true", "expected true", function(v) return v == true end)
C["false"] = simple("应为 false", "expected false", function(v) return v == false end)
C.truthy = simple("应有值", "expected a value", function(v) return v ~= nil and v ~= false end)
C.falsy = simple("应没有值", "expected nothing", function(v) return not v end)
C["nil"] = simple("应为 nil", "expected nil", function(v) return v == nil end)
for _, kind in ipairs { "table", "string", "number", "boolean", "function", "userdata", "thread" } do
  C[kind] = simple("应为 " .. kind, "expected a " .. kind, function(v) return type(v) == kind end)
end
C.near = { n = 3, run = function(want, got, by)
  local ok = type(got) == "number" and math.abs(want - got) <= by
  return ok, ("应约为 %s（±%s），实际是 %s"):format(show(want), show(by), show(got)),
    ("expected about %s (+-%s), got %s"):format(show(want), show(by), show(got)), "不应约为 " .. show(want), "expected something else than about " .. show(want)
end }
C.matches = { n = 2, run = function(pattern, text)
  return type(text) ~= "table" and tostring(text):find(pattern) ~= nil, show(text) .. " 应匹配 " .. show(pattern),
    "expected " .. show(text) .. " to match " .. show(pattern), show(text) .. " 不应匹配 " .. show(pattern), "expected " .. show(text) .. " not to match " .. show(pattern)
end }
C.error = { n = 2, run = function(fn, expected)
  local ok, e = pcall(fn)
  local wanted = expected ~= nil and " " .. words(expected) or ""
  if ok then return false, "应出错" .. wanted .. "，但没有出错", "expected an error" .. wanted .. ", but there was none" end
  return expected == nil or is_error(expected, e), "应出错" .. wanted .. "，实际是 " .. words(e), "expected an error" .. wanted .. ", got " .. words(e),
    "不应出错，实际是 " .. words(e), "expected no error, got " .. words(e)
end }
C.unique = { n = 1, run = function(list)
  local seen
  for i, v in ipairs(list) do
    for k = 1, i - 1 do if same(v, list[k]) then seen = v end end
  end
  return seen == nil, "出现了两次：" .. show(seen), "stands there twice: " .. show(seen), "每一个都不同", "each one is different"
end }
C.called = { n = 2, run = function(spy, times)
  local n = #spy.calls
  local ok = times == nil and n > 0 or n == times
  return ok, ("应被调用 %s 次，实际 %d 次"):format(times or "至少一", n), ("expected %s calls, got %d"):format(times or "some", n),
    ("不应被调用，实际 %d 次"):format(n), ("expected no calls, got %d"):format(n)
end }
C.called_with = { n = math.huge, run = function(spy, ...)
  local want = table.pack(...)
  for _, call in ipairs(spy.calls) do
    if same(want, call) then return true, nil, nil, "不应这样调用：" .. show { ... }, "expected no call with " .. show { ... } end
  end
  return false, "没有这样调用过：" .. show { ... } .. "，实际：" .. show(spy.calls), "expected a call with " .. show { ... } .. ", got " .. show(spy.calls)
end }
C.equals, C.errors, C.match, C.error_matches, C.has_error = C.equal, C.error, C.matches, C.error, C.error
C.called_times, C.True, C.False, C.Nil = C.called, C["true"], C["false"], C["nil"]

-- In "is_not_nil" and "are.same" these say nothing, and "not", "no" turn the rule round.
local LINK = { is = true, are = true, was = true, were = true, has = true, have = true, be = true, to = true, does = true, a = true, an = true }
local TURN = { ["not"] = true, no = true, never = true }

local check

local function run_check(rule, turned, ...)
  local ok, zh, en, not_zh, not_en = rule.run(...)
  local message = rule.n < math.huge and select(rule.n + 1, ...) or nil
  if turned and ok then fail(not_zh or "不应如此", not_en or "expected the opposite", message) end
  if not turned and not ok then fail(zh, en, message) end
  return ...
end

-- Also the error that was raised, so that a test may look at it more closely.
local function run_error(turned, fn, expected, message)
  local ok, e = pcall(fn)
  local function again() if not ok then error(e, 0) end end
  run_check(C.error, turned, again, expected, message)
  return e
end

local function unknown(name)
  local best = require "host.predicate".nearest(name, C)
  fail(("没有断言 assert.%s"):format(name) .. (best and "（是不是 assert." .. best .. "？）" or ""),
    ("there is no assert.%s"):format(name) .. (best and " (did you mean assert." .. best .. "?)" or ""))
end

-- The rule a word names: "is_not_nil" -> nil turned; or the chain so far.
local function read(word, chain)
  local turned, rest = chain.turned, word
  if C[rest] then return C[rest], turned end
  while true do
    local first, more = rest:match "^(%a+)_(.+)$"
    first = first or rest
    if TURN[first] then turned = not turned elseif not LINK[first] then unknown(word) end
    if not more then return nil, turned end
    rest = more
    if C[rest] then return C[rest], turned end
  end
end

local function index(chain, word)
  local rule, turned = read(word, chain)
  if not rule then return check(turned, chain.spy) end
  if rule == C.error then return function(...) return run_error(turned, ...) end end
  if chain.spy then return function(...) return run_check(rule, turned, chain.spy, ...) end end
  return function(...) return run_check(rule, turned, ...) end
end

function check(turned, spy)
  local chain = { turned = turned, spy = spy }
  return setmetatable({}, { __index = function(_, word) return index(chain, word) end })
end

M.assert = setmetatable({}, {
  __index = function(_, word)
    if word == "spy" or word == "stub" then return function(s) return check(false, s) end end
    return index({ turned = false }, word)
  end,
  __call = function(_, v, m, ...)
    if not v then
      if type(m) == "table" then error(m, 0) end
      fail(m and tostring(m) or "断言不成立", m and tostring(m) or "assertion failed")
    end
    return v, m, ...
  end,
})
return M
