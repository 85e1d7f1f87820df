-- host.predicate by plain Lua: lua5.4 tests/spec/predicate_test.lua (from anywhere). Exit 0 when all holds.
local root = arg[0]:match "^(.*)tests/spec/[^/]*$" or (arg[0]:match "^(.*/)[^/]*$" or "") .. "../../"
local function here(level)
  local info = debug.getinfo(level + 2, "Sl") -- 1 is `here`, 2 who calls it, 3 who called that
  return info and info.short_src:match "[^/]*$" .. ":" .. info.currentline or "?"
end
local chunk = assert(loadfile(root .. "core/lua/half/predicate.lua"))
local P = chunk()(here)

local tests, failed = {}, 0
local function test(name, fn) tests[#tests + 1] = { name, fn } end

local function line() return "predicate_test.lua:" .. debug.getinfo(2, "l").currentline end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b and math.type(a) == math.type(b) end
  for k, v in next, a do if not same(v, rawget(b, k)) then return false end end
  for k in next, b do if rawget(a, k) == nil then return false end end
  return true
end

local function show(v)
  if type(v) ~= "table" then return type(v) == "string" and string.format("%q", v) or tostring(v) end
  local parts = {}
  for k, each in next, v do parts[#parts + 1] = tostring(k) .. "=" .. show(each) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local function expect(got, want)
  if not same(got, want) then error("got " .. show(got) .. ", want " .. show(want), 2) end
end

-- The call must raise a problem of this very line whose English says `part`.
local function refuses(part, fn)
  local ok, e = pcall(fn)
  if ok then error("not refused: " .. part, 2) end
  if type(e) ~= "table" then error("not a problem but " .. tostring(e), 2) end
  if not e.en:find(part, 1, true) then error("says '" .. e.en .. "', not '" .. part .. "'", 2) end
  if #e.zh < 6 or not e.zh:find "[\x80-\xff]" then error("no Chinese: " .. e.zh, 2) end
  local at = "predicate_test.lua:" .. debug.getinfo(2, "l").currentline
  if e.at ~= at then error("at " .. tostring(e.at) .. ", not " .. at, 2) end
  return e
end

local c = P.facts("complaint", {
  amount = { type = "number", title = { zh = "金额", en = "Amount" } },
  topic = { type = "text" },
  why = { type = "list" },
  safe = { type = "bool" },
  sent = { type = "day" },
  raw = { type = "json", title = "complaint.raw" },
})

test("a leaf is plain data with its place", function()
  expect(c.amount:gt(1000), { op = "gt", fact = "amount", value = 1000, at = line() })
  expect(c.topic:is "charges", { op = "is", fact = "topic", value = "charges", at = line() })
  expect(c.safe:yes(), { op = "true", fact = "safe", at = line() })
  expect(c.why:has_any { "a", "b" }, { op = "has_any", fact = "why", value = { "a", "b" }, at = line() })
end)

test("every method", function()
  for _, m in ipairs { "lt", "le", "gt", "ge", "is", "isnt" } do
    expect(c.amount[m](c.amount, 1.5).op, m)
    expect(c.sent[m](c.sent, "2024-02-29").value, "2024-02-29")
    expect(c.topic[m](c.topic, "").value, "")
  end
  expect(c.amount:one_of { 1, 2.5 }.op, "one_of")
  expect(c.sent:one_of { "2026-11-20" }.op, "one_of")
  expect(c.why:has "a".op, "has")
  expect(c.why:has_all { 1, 2 }.op, "has_all")
  expect(c.why:is { "a" }.op, "is")
  expect(c.raw:is { a = { 1, true, "x" } }.op, "is")
  expect(c.raw:is(true).op, "is")
  expect(c.safe:is(false).value, false)
  expect(c.topic:matches "刹车|自燃".op, "matches")
  expect(c.topic:empty().op, "empty")
  expect(c.amount:answered().op, "answered")
end)

test("a list is copied", function()
  local list = { "a" }
  local p = c.why:has_any(list)
  list[1] = "changed"
  expect(p.value, { "a" })
end)

test("& | ~ build the tree, chains stay flat", function()
  local a, b, d = c.amount:gt(1), c.topic:is "x", c.safe:yes()
  expect(a & b, { op = "and", args = { a, b } })
  expect(a & b & d, { op = "and", args = { a, b, d } })
  expect(a & (b & d), { op = "and", args = { a, b, d } })
  expect(a | b & d, { op = "or", args = { a, { op = "and", args = { b, d } } } })
  expect((a | b) & d, { op = "and", args = { { op = "or", args = { a, b } }, d } })
  expect(~a | b, { op = "or", args = { { op = "not", arg = a }, b } })
  local chain = a & b
  local longer = chain & d
  expect(#chain.args, 2) -- a part that is used twice must not grow
  expect(#longer.args, 3)
end)

test("precedence needs no parentheses", function()
  local p = c.topic:is "charges" & c.amount:gt(1000) | c.safe:yes()
  expect(p.op, "or")
  expect(p.args[1].op, "and")
end)

test("is_predicate and is_fact", function()
  expect(P.is_predicate(c.safe:yes()), true)
  expect(P.is_predicate(c.safe:yes() & c.safe:yes()), true)
  expect(P.is_predicate(c.safe), false)
  expect(P.is_predicate { op = "true", fact = "safe" }, false)
  expect(P.is_predicate(nil), false)
  expect(P.is_fact(c.safe), true)
  expect(P.is_fact(c.safe:yes()), false)
  expect(P.is_fact "safe", false)
end)

test("one fact", function()
  local prompt = P.fact("prompt_reception", "number")
  expect(prompt:le(6), { op = "le", fact = "prompt_reception", value = 6, at = line() })
  expect(prompt.fact, "prompt_reception")
  expect(prompt.type, "number")
  expect(P.fact("接待", "number"):le(6).fact, "接待")
  refuses("name of a fact must be a text, not a number", function() P.fact(1, "number") end)
  refuses("name of a fact must be a text", function() P.fact("", "number") end)
  refuses("must be text, number, bool, day, list or json, not float", function() return P.fact("x", "float"), 1 end)
  refuses("not nil", function() P.fact "x" end)
end)

test("an unknown fact", function()
  local e = refuses("unknown fact 'ammount' (did you mean 'amount'?)", function() return c.ammount:gt(1), 1 end)
  expect(e.zh, "没有名为 'ammount' 的数据项（是不是 'amount'？）")
  expect(tostring(e), e.at .. ": " .. e.zh .. " / " .. e.en)
  refuses("unknown fact 'zebra'; 'complaint' has amount, raw, safe, sent, topic, why", function() return c.zebra, 1 end)
  refuses("unknown fact '1'", function() return c[1], 1 end)
  refuses("cannot be changed ('new')", function() c.new = 1 end)
end)

test("columns", function()
  refuses("facts(name, columns)", function() P.facts({}) end)
  refuses("facts(name, columns)", function() P.facts("x", "y") end)
  refuses("fact 'a' must be a table", function() P.facts("x", { a = "text" }) end)
  refuses("type of fact 'a' must be", function() P.facts("x", { a = {} }) end)
  refuses("name of a fact must be a text", function() P.facts("x", { { type = "text" } }) end)
  refuses("title of fact 'a'", function() P.facts("x", { a = { type = "text", title = { zh = "甲" } } }) end)
  refuses("unknown fact 'a'; 'none' has ", function() return P.facts("none", {}).a, 1 end)
end)

test("an unknown method", function()
  refuses("fact 'amount' has no method 'iz' (did you mean 'is'?)", function() return c.amount:iz(1), 1 end)
  refuses("fact 'amount' has no method 'equals'; it has answered, ge, gt, is,", function() return c.amount:equals(1), 1 end)
  refuses("a condition has no method 'is'", function() return c.amount:is(1):is(2), 1 end)
end)

test("a fact may be asked what it is", function()
  for _, key in ipairs { "op", "args", "zh", "en", "fn", "id", "at" } do expect(c.amount[key], nil) end
  expect(c.amount[1], nil)
  expect(#c.amount, 0)
  expect((c.amount:is(1)).args, nil)
  expect(tostring(c.amount), "fact 'amount'")
end)

test("a method that the type does not have", function()
  refuses("fact 'amount' is a number and has no :matches; it has answered, ge,", function() return c.amount:matches "x", 1 end)
  refuses("fact 'topic' is a text and has no :has", function() return c.topic:has "x", 1 end)
  refuses("fact 'safe' is true or false and has no :gt", function() return c.safe:gt(1), 1 end)
  refuses("fact 'why' is a list and has no :one_of", function() return c.why:one_of { "x" }, 1 end)
  refuses("fact 'amount' is a number and has no :empty", function() return c.amount:empty(), 1 end)
  refuses("fact 'topic' is a text and has no :yes", function() return c.topic:yes(), 1 end)
end)

test("a value of the wrong type", function()
  local misspelt
  refuses("'amount':gt needs a number, not nil (a misspelt variable?)", function() return c.amount:gt(misspelt), 1 end)
  refuses("'amount':gt needs a number, not nil", function() return c.amount:gt(), 1 end)
  refuses("'amount':is needs a number, not a text", function() return c.amount:is "1", 1 end)
  refuses("'amount':is needs a number, not a number", function() return c.amount:is(0 / 0), 1 end)
  refuses("'amount':lt needs a number", function() return c.amount:lt(math.huge), 1 end)
  refuses("'topic':is needs a text, not a number", function() return c.topic:is(1), 1 end)
  refuses("'topic':is needs a text", function() return c.topic:is "\xff", 1 end)
  refuses("'topic':is needs a text, not a function", function() return c.topic:is(print), 1 end)
  refuses("'topic':is needs a text, not the fact 'amount'", function() return c.topic:is(c.amount), 1 end)
  refuses("'topic':is needs a text, not a condition", function() return c.topic:is(c.amount:gt(1)), 1 end)
  refuses("'safe':is needs true or false, not a text", function() return c.safe:is "yes", 1 end)
  for _, day in ipairs { "2026-02-29", "2026-1-5", "2026-13-01", "2026-00-10", "2026-04-31", "", "2026-11-20 " } do
    refuses("'sent':ge needs a valid day", function() return c.sent:ge(day), 1 end)
  end
  refuses("'sent':ge needs a valid day", function() return c.sent:ge(20261120), 1 end)
  refuses("'raw':gt needs a text or a number", function() return c.raw:gt(true), 1 end)
  refuses("'raw':is needs data", function() return c.raw:is { print }, 1 end)
  refuses("'raw':is needs data", function() return c.raw:is { [true] = 1 }, 1 end)
  refuses("'raw':is needs data", function() return c.raw:is { a = c.amount }, 1 end)
  refuses("'raw':is needs data", function() return c.raw:is {}, 1 end)
  refuses("'why':is needs a list that is not empty", function() return c.why:is {}, 1 end)
  refuses("'why':is needs a list", function() return c.why:is "a", 1 end)
  refuses("'why':has needs a text or a number, not a table", function() return c.why:has { "a" }, 1 end)
end)

test("lists of values", function()
  refuses("needs a list that is not empty, all texts or all numbers, not a text", function() return c.topic:one_of "a", 1 end)
  refuses("needs a list that is not empty", function() return c.topic:one_of {}, 1 end)
  refuses("needs a list that is not empty", function() return c.topic:one_of { "a", 1 }, 1 end)
  refuses("needs a list that is not empty", function() return c.topic:one_of { "a", nil, "c" }, 1 end)
  refuses("needs a list that is not empty", function() return c.why:has_any { a = 1 }, 1 end)
  refuses("needs a list that is not empty", function() return c.why:has_any { { 1 } }, 1 end)
  refuses("'amount':one_of needs a number", function() return c.amount:one_of { "a" }, 1 end)
  refuses("'sent':one_of needs a valid day", function() return c.sent:one_of { "2026-02-30" }, 1 end)
  refuses("takes one value", function() return c.topic:is("a", "b"), 1 end)
  refuses("'topic':empty() takes no value", function() return c.topic:empty(1), 1 end)
  refuses("'safe':yes() takes no value", function() return c.safe:yes(nil), 1 end)
end)

test("patterns", function()
  refuses("needs a regular expression", function() return c.topic:matches "", 1 end)
  refuses("needs a regular expression", function() return c.topic:matches(("x"):rep(4097)), 1 end)
  expect(#c.topic:matches(("x"):rep(4096)).value, 4096)
end)

test("a dot instead of a colon", function()
  refuses("call it with a colon: fact:is(...)", function() return c.topic.is "charges", 1 end)
  refuses("call it with a colon", function() return c.topic.empty(), 1 end)
  refuses("call it with a colon", function() return c.topic.is(c.amount:gt(1), "x"), 1 end)
end)

test("combining what is no condition", function()
  local p = c.amount:gt(1)
  refuses("both sides of '&' must be conditions; the fact 'safe' is none yet: write 'safe':yes()", function() return p & c.safe end)
  refuses("the fact 'topic' is none yet: write 'topic':is(...)", function() return c.topic | p end)
  refuses("both sides of '&' must be conditions, not nil", function() return p & nil end)
  refuses("both sides of '|' must be conditions, not true or false", function() return true | p end)
  refuses("both sides of '&' must be conditions, not a number", function() return p & 1 end)
  refuses("both sides of '&' must be conditions, not a text", function() return "x" & p end)
  refuses("both sides of '&' must be conditions, not a table", function() return p & {} end)
  refuses("both sides of '~' must be conditions", function() return ~c.safe end)
  refuses("~ stands before one condition", function() return p ~ p end)
end)

test("operators that cannot be caught by Lua are caught here", function()
  refuses("write :lt :le :gt :ge", function() return c.amount > 1000 end)
  refuses("write :lt :le :gt :ge", function() return 1000 <= c.amount end)
  refuses("write :lt :le :gt :ge", function() return c.amount < c.amount end)
  refuses("cannot be reckoned with", function() return c.amount + 1 end)
  refuses("cannot be reckoned with", function() return c.topic .. "x" end)
  refuses("cannot be reckoned with", function() return -c.amount:gt(1) end)
  refuses("cannot be called", function() return c.topic "charges", 1 end)
  refuses("cannot be called", function() return c.topic:is "charges" "x", 1 end)
end)

test("nothing can be changed", function()
  refuses("cannot be changed ('x')", function() c.amount.x = 1 end)
  refuses("cannot be changed ('x')", function() c.amount:gt(1).x = 1 end)
end)

test("did you mean", function()
  local names = { amount = 1, tier = 1, topic = 1, ["投诉金额"] = 1, bat = 1, cat = 1, days_since_last_visit = 1 }
  for name, want in pairs { ammount = "amount", Amount = "amount", teir = "tier", topics = "topic", hat = "bat",
    ["投诉金颚"] = "投诉金额", days_since_visit = "days_since_last_visit" } do
    expect(P.nearest(name, names), want)
  end
  for _, name in ipairs { "xyz", "q", "", "\xff\xfe", ("long"):rep(100) } do expect(P.nearest(name, names), nil) end
end)

test("each state has its own facts and conditions", function()
  local other = chunk()(function() return "elsewhere.lua:1" end)
  expect(other.fact("x", "number"):gt(1).at, "elsewhere.lua:1")
  expect(other.is_predicate(c.safe:yes()), false)
  expect(c.amount:gt(1).at, line())
end)

for _, t in ipairs(tests) do
  local ok, e = xpcall(t[2], function(e) return tostring(e) .. "\n" .. debug.traceback("", 2):match "[^\n]*predicate_test[^\n]*" end)
  if not ok then
    failed = failed + 1
    io.stderr:write("not ok: ", t[1], ": ", e, "\n")
  end
end
print(string.format("predicate: %d of %d hold", #tests - failed, #tests))
os.exit(failed == 0)
