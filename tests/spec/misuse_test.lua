-- What a program does wrong with a function of the host is told in both languages, each with what to do, at its line; also
-- out of another plugin. Caught, it is a text, as Lua's own errors are.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local site = c.site "site"

-- Each: the line of a test, and what is said of it in English and in Chinese.
local fails = {
  { '("x"):find "%"', "malformed pattern (ends with '%'): a percent sign is written %%", "模式写得不对，以 '%' 结尾" },
  { '("x"):find "[x"', "malformed pattern (missing ']')", "缺少 ']'" },
  { '("x"):find "%b"', "two characters follow it, as in %b()", "'%b' 后面缺少两个字符" },
  { '("x"):find "%f"', "write it as in %f[%w]", "'%f' 后面缺少 '['" },
  { '("x"):find "%1"', "invalid capture index %1: the pattern has fewer ( )", "没有捕获 %1" },
  { '("x"):find "(x"', "unfinished capture: a ')' is missing", "'(' 没有结束" },
  { '("x"):match "x)"', "invalid pattern capture: a ')' too many", "多了一个 ')'" },
  { '("x"):find(("()"):rep(33))', "too many captures: a pattern has at most 32", "最多 32 个" },
  { '("x"):find(("%a"):rep(40000))', "pattern longer than 64 KiB: shorten it", "模式超过 64 KiB" },
  { '("x"):gsub("x", "%x")', "invalid use of '%' in replacement string", "替换文字里的 '%' 后面应是数字" },
  { '("x"):gsub("x", function() return {} end)', "invalid replacement value (a table): return a text", "替换的结果是 table" },
  { 'table.insert({}, 1, 2, 3)', "it takes (list, value)", "table.insert 的参数个数不对" },
  { 'table.insert({}, 5, 2)', "position out of bounds: it lies between 1 and #t + 1", "insert 的第 2 个参数不对：位置超出范围" },
  { 'table.concat { {} }', "invalid value (table) at index 1 in table for 'concat': make it a text", "table.concat：值是 table（下标 1）" },
  { 'table.unpack({}, 1, 300000)', "too many results to unpack: read them in a loop", "用循环逐个读取" },
  { 'table.move({}, -1, math.maxinteger, 1)', "too many elements to move: narrow the range", "要移动的元素太多" },
  { '("x"):rep(1 << 40)', "resulting string too large: write it in parts", "得到的文字太长" },
  { '("%p"):format(1)', "'%p' is not available, for it shows addresses", "'%p' 不能用" },
  { '("%y"):format(1)', "a percent sign is written %%", "string.format 不认识 '%y'：百分号本身要写成 %%", "Lua's own, called by the host's: it names no line" },
  { 'utf8.len("x", 9)', "initial position out of bounds: it lies between 1 and #s + 1", "len 的第 2 个参数不对：起始位置超出范围" },
  { 'setmetatable({}, { __gc = print })', "__gc is not available to plugins: use local x <close>", "插件不能用 __gc" },
  { 'setmetatable("", {})', "bad argument #1 to 'setmetatable' (table expected, got string)", "第 1 个参数应是 table" },
  { 'setmetatable(setmetatable({}, { __metatable = 1 }), {})', "set one on a table of your own", "这个元表受保护" },
  { 'tostring(setmetatable({}, { __tostring = function() return {} end }))', "make one with tostring", "'__tostring' 应返回文字" },
  { 'load(("x"):rep(300000), "=x", "t", {})', "source is larger than 256 KiB: split it into files", "源代码超过 256 KiB" },
  { 'math.random(0, -1)', "interval is empty", "范围是空的" },
  { 'string.char(300)', "value out of range", "值超出范围" },
  { 'local t = coroutine.create(function() end) coroutine.resume(t) coroutine.wrap(function() local w = coroutine.wrap(function() end) w() w() end)()',
    "cannot resume dead coroutine; it has ended", "这个协程已经结束" },
  { 'coroutine.yield()', "yield outside of a coroutine of your own: nobody would resume it", "yield 只能在自己建立的协程里" },
  { 'require "host.vault".mask("shoe", "x")', "vault.mask: unknown kind 'shoe'", "vault.mask: 不认识的种类 'shoe'" },
  { 'require "host.http".fetch("x")', "http.fetch: takes a table", "http.fetch: 参数应是一个表" },
  { 'require "host.http".fetch { ur = "x" }', "http.fetch: unknown key 'ur'", "http.fetch: 不认识 'ur'" },
  { 'require "host.http".fetch { url = "https://a.example.com", timeout = 11 }', "timeout is seconds, 10 at most", "timeout 是秒数，最多 10" },
  { 'local n = 0 require "host.http".fetch(setmetatable({ url = "https://a.example.com" }, { __index = function(_, key) '
    .. 'if key == "method" then n = n + 1 return n < 3 and "GET" or "X / HTTP/1.1\\r\\nHost: b" end end }))',
    'write test.http("GET https://a.example.com"', '请先写 test.http("GET https://a.example.com"' },
  { 'require "host.db".one("SELECT ?", {})', "a table is encoded with host.json first", "one 的第 2 个参数不对：参数只能是" },
  { 'require "host.db".one("SELECT ?", 0/0)', "not a number (0/0) cannot be kept: give nil", "不是数字（0/0）的值不能保存" },
  { 'require "host.db".one("SELECT 1", table.unpack({}, 1, 200))', "parameters: ask in several steps", "请分几次执行" },
  { 'require "host.db".one "SELECT nothing FROM nowhere"', "the SQL is wrong (near", "SQL 语句有误" },
  { 'require "host.csv".write { 1 }', "row 1 is no table: a row is written { cell, ... }", "第 1 行不是表" },
  { 'require "host.csv".write { { {} } }', "row 1, cell 1 is a table: a cell is a text", "第 1 行第 1 格是 table" },
  { 'require "host.text".clean(("x"):rep(1100000))', "longer than 1 MiB: clean it in parts", "超过 1 MiB" },
  { 'require "below".half {}', "below.half: plugins/below/exports.lua:2: attempt to perform arithmetic on a table value (local 'n')",
    "below.half: plugins/below/exports.lua:2: 局部变量 'n' 是 table，不能计算" },
  { 'require "below".cut()', "below.cut: plugins/below/exports.lua:3: unfinished capture: a ')' is missing", "below.cut: plugins/below/exports.lua:3: 模式里的 '(' 没有结束" },
}
local lines = {}
for i, f in ipairs(fails) do lines[i] = ('it("number %d.", function() %s end)'):format(i, f[1]) end
lines[#lines + 1] = [[it("caught", function()
  local ok, e = pcall(("x").find, "x", "%")
  assert.is_false(ok)
  assert.is_string(e)
end)]]
c.write(site .. "/plugins/below/plugin.lua", 'return { id = "below", version = "1.0.0" }\n')
c.write(site .. "/plugins/below/exports.lua", [[
local M = {}
function M.half(n) return n / 2 end
function M.cut() return ("x"):find "(x" end
return M
]])
c.write(site .. "/plugins/above/plugin.lua", 'return { id = "above", version = "1.0.0", needs = { below = ">=1.0" },\n'
  .. '  uses = { "host.db", "host.csv", "host.text", "host.vault", "host.http" }, hosts = { "a.example.com" } }\n')
c.write(site .. "/plugins/above/tests/one_test.lua", table.concat(lines, "\n") .. "\n")

for k, lang in ipairs { "en", "zh" } do
  local out = c.run(lang, "test --site site above")
  for i, f in ipairs(fails) do
    local from = out:find(("number %d.\n"):format(i), 1, true)
    local to = from and (out:find("\nFAIL", from, true) or #out)
    local said = from and out:sub(from, to) or ""
    c.check(said:find(f[k + 1], 1, true), ("%s, %s says: %s"):format(lang, f[1], said ~= "" and said or out:sub(1, 400)))
    c.check(f[4] or said:find(("one_test.lua:%d: "):format(i), 1, true), f[1] .. " names its line: " .. said)
  end
  c.check(out:find((lang == "zh" and "1 个通过，%d 个失败" or "1 passed, %d failed"):format(#fails), 1, true), "the one that catches passes: " .. out:sub(-200))
end

-- A file that is too large to be read at all has no line: it is named itself.
local parts = {}
for i = 1, 15000 do parts[i] = "function()end" end
c.write(site .. "/plugins/large/plugin.lua", 'return { id = "large", version = "1.0.0" }\n')
c.write(site .. "/plugins/large/exports.lua", "return { " .. table.concat(parts, ",\n") .. " }\n")
c.binary = "env' FORECOURT_MEMORY=large:1 '" .. c.binary
c.same("plugins/large: while exports.lua loads: needs more memory than its ceiling (1 MiB): make it smaller, or several of it\n",
  (c.run("en", "check --site site large")), "a file that is too large")
c.same("plugins/large: 加载 exports.lua 时：内存超过上限（1 MiB）：请把它变小，或分成几个\n", (c.run("zh", "check --site site large")), "in Chinese")
c.finish()
