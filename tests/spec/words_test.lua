-- forecourt test from outside: what a failing test says, in both languages, at its line; JSON; names; what a test may and may not do.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local function plugin(id, test_text, more)
  c.write(c.folder .. "/" .. id .. "/plugin.lua", ('return { id = "%s", version = "1.2.3"%s }\n'):format(id, more or ""))
  c.write(c.folder .. "/" .. id .. "/tests/one_test.lua", test_text)
end

-- Each: the line of a test, and what stands behind its place in English and in Chinese. It is line 1 of the file.
local fails = {
  { 'assert.equal(1, 2)', "expected 1, got 2", "应为 1，实际是 2" },
  { 'assert.are.equal(1, 2, "wheels")', "wheels: expected 1, got 2", "wheels: 应为 1，实际是 2" },
  { 'assert.equal("a\\n", "b")', 'expected "a\\x0A", got "b"', '应为 "a\\x0A"，实际是 "b"' },
  { 'assert.equal({ 1 }, { 1 })', "use assert.same", "用 assert.same" },
  { 'assert.same({ a = 1, b = { c = 2 } }, { a = 1, b = { c = 3 } })', "b.c: expected 2, got 3", "b.c：应为 2，实际是 3" },
  { 'assert.same({ x = 1 }, {})', "x: expected 1, got nothing", "x：应为 1，实际是 没有" },
  { 'assert.same({ 1, 2 }, { 1, 3, 4 })', "[2]: expected 2, got 3\n        [3]: expected nothing, got 4", "[3]：应为 没有，实际是 4" },
  { 'assert.same({ ["a b"] = 1 }, { ["a b"] = 2 })', '["a b"]: expected 1, got 2', '["a b"]：应为 1' },
  { 'local t = {} for i = 1, 20 do t[i] = i end assert.same({}, t)', "and 12 more differences", "还有 12 处不同" },
  { 'assert.is_true(1)', "expected true, got 1", "应为 true，实际是 1" },
  { 'assert.is_nil(false)', "expected nil, got false", "应为 nil" },
  { 'assert.is_not_nil(nil)', "expected something else than nil", "不应为 nil" },
  { 'assert.are_not.same({ 1 }, { 1 })', "expected something else than [1]", "不应为 [1]" },
  { 'assert.is_table "x"', 'expected a table, got "x"', "应为 table" },
  { 'assert.near(1, 2, 0.5)', "expected about 1 (+-0.5), got 2", "应约为 1" },
  { 'assert.matches("^b", "abc")', 'expected "abc" to match "^b"', '"abc" 应匹配 "^b"' },
  { 'assert.has_error(function() end)', "expected an error, but there was none", "应出错，但没有出错" },
  { 'assert.has_error(function() error({ zh = "坏", en = "bad" }, 0) end, { en = "worse" })', "got 坏 / bad", "实际是 坏 / bad" },
  { 'assert.has_no.errors(function() error "oh" end)', "expected no error, got", "不应出错" },
  { 'assert(false, "all broken")', "all broken", "all broken" },
  { 'local s = spy.new(function() end) s(1) assert.spy(s).was.called(2)', "expected 2 calls, got 1", "应被调用 2 次，实际 1 次" },
  { 'local s = spy.new(function() end) s(1) assert.spy(s).was.called_with(2)', "expected a call with [2]", "没有这样调用过" },
  { 'local s = spy.new(function() end) s(1) assert.spy(s).was_not.called()', "expected no calls, got 1", "不应被调用" },
  { 'assert.eqaul(1, 1)', "there is no assert.eqaul (did you mean assert.equal?)", "没有断言 assert.eqaul" },
  { 'local self = {} self.self = self assert.same({ self = { self = 1 } }, self)', "self.self: expected 1", "self.self：应为 1" },
  { 'test.now "tomorrow"', 'test.now is written "2026-11-21T09:00"', "test.now 要写成" },
  { 'test.page "GET /nowhere"', "there is no page GET /nowhere", "没有页面" },
  { 'test.example "none.csv"', "there is no file none.csv in tests/", "tests/ 里没有文件" },
  { 'require "host.net"', "there is no module host.net", "没有名为 host.net 的模块" },
  { 'os.execute "true"', "there is no global 'os'", "没有名为 'os' 的全局变量" },
  { 'io.open "/etc/passwd"', "there is no global 'io'", "没有名为 'io' 的全局变量" },
}
local lines = {}
for i, f in ipairs(fails) do lines[i] = ('it("number %d.", function() %s end)'):format(i, f[1]) end
plugin("fails", table.concat(lines, "\n") .. "\n")
local en, code = c.run("en", "test fails")
local zh = c.run("zh", "test fails")
c.same(1, code, "a failing test ends with 1")
for i, f in ipairs(fails) do
  local from = en:find(("number %d.\n"):format(i), 1, true)
  local to = from and (en:find("\nFAIL", from, true) or #en)
  local said = from and en:sub(from, to) or ""
  c.check(said:find(f[2], 1, true), f[1] .. " says: " .. said)
  c.check(said:find(("one_test.lua:%d: "):format(i), 1, true), f[1] .. " names its line: " .. said)
  c.check(zh:find(f[3], 1, true), f[1] .. " says it in Chinese: " .. f[3])
end
c.check(en:find(("0 passed, %d failed"):format(#fails), 1, true), "every one of them failed, and none ended the run")

plugin("good", [[
local log, n = {}, 0
describe("outside", function()
  before_each(function() log[#log + 1] = "before" end)
  after_each(function() n = n + 1 end)
  describe("inside", function()
    before_each(function() log[#log + 1] = "nearer" end)
    it("runs what stands around it in order", function()
      assert.same({ "before", "nearer" }, log)
      finally(function() assert.equal(0, n) end)
    end)
  end)
  it("and nothing of what stands beside it", function() assert.same({ "before" }, log) end)
  pending("later", function() error "never run" end)
end)
it("has every word of luassert that is used", function()
  assert.is.equal(1, 1); assert.are.same({ 1 }, { 1 }); assert.is_not.equal(1, 2); assert.is_not_true(false); assert.is_string ""
  assert.has.error(function() error "oh no" end, "oh no"); assert.has_no.error(function() end); assert.truthy(0); assert.falsy(nil)
  assert.are.unique { 1, 2 }; assert.is_false(false); assert.True(true)
  local module = { f = function() return 1 end }
  stub(module, "f").returns(7)
  assert.equal(7, module.f "x")
  assert.stub(module.f).was.called(1)
  assert.stub(module.f).was_called_with "x"
end)
it("gives back the error for a closer look", function()
  assert.equal(5, assert.has_error(function() error({ zh = "坏", en = "bad", n = 5 }, 0) end, { en = "bad" }).n)
end)
it("stands where the clock is put", function()
  test.now "2031-05-06T07:08"
  assert.equal("2031-05-06", require "host.clock".today())
end)
it("reads an example file of any encoding", function() assert.equal("\xd6\xd0", test.example "gb.txt") end)
it("leaves a row", function() test.fixture("archive").orders { { order_no = "RO1" } } end)
it("finds an empty store", function() assert.equal(0, require "host.db".one("SELECT COUNT(*) AS n FROM archive_visit").n) end)
]])
c.write(c.folder .. "/good/tests/gb.txt", "\xd6\xd0")
c.same("8 passed, 0 failed\n", (c.run("en", "test good")), "busted's words")

c.same("8 个通过，0 个失败\n", (c.run("zh", "test good")), "in Chinese")
local words = zh:gsub("[^\n]*/[^\n]*", ""):gsub("host/[^\n]*", "")
c.check(zh:find("^失败  fails/tests/one_test.lua: number 1.\n") and not words:find "FAIL" and zh:find(("0 个通过，%d 个失败"):format(#fails), 1, true),
  "no English around what fails: " .. zh:sub(1, 300))
local out = c.run("zh", "test good --only clock")
c.check(out:find("^通过  good/tests/one_test.lua: stands where the clock is put（%d+ 毫秒）\n"), "a name in Chinese: " .. out)
out = c.run("en", "test good --only clock")
c.check(out:find("ok    good/tests/one_test.lua: stands where the clock is put", 1, true) and out:find("1 passed, 0 failed", 1, true), "by name: " .. out)
out = c.run("en", "test good --json")
local _, records = out:gsub('"ok":true', "")
c.check(records == 8 and out:find '{"failed":0,"passed":8}\n$', "a line of JSON each: " .. out)
out, code = c.run("en", "test fails --json --only 'number 5.'")
c.check(code == 1 and out:find('"at":"fails/tests/one_test.lua:5"', 1, true) and out:find("b.c: expected 2, got 3", 1, true)
  and out:find("b.c：应为 2", 1, true) and not out:find("trace", 1, true), "a failure in JSON has place and both languages: " .. out)

plugin("broken", 'it("x", function() end) end\n')
out, code = c.run("en", "test broken")
c.check(code == 1 and out:find("broken/tests/one_test.lua:1: ", 1, true), "a test file that does not parse: " .. out)
out = c.run("zh", "test broken")
c.check(out:find("失败  broken/tests/one_test.lua: （文件）\n", 1, true), "the same in Chinese: " .. out)
out, code = c.run("en", "test nobody")
c.check(code == 1 and out:find("there is no such plugin", 1, true), "no such plugin: " .. out)

plugin("after", [[
local file = require "host.file"
after_each(function() file.write("after.txt", "ran") end)
it("fails", function() assert.equal(1, 2) end)
it("sees that after_each ran for the one that failed", function() assert.equal("ran", file.read "after.txt") end)
]])
out = c.run("en", "test after")
c.check(out:find("1 passed, 1 failed", 1, true), "after_each runs also after a failure: " .. out)

-- Other servers: none is reached, and what they would say is the test's.
local asks = ', uses = { "host.http" }, hosts = { "a.cn", "b.cn:81" }, secrets = { token = "a.cn" }'
local ask = 'local http = require "host.http"\n'
plugin("unsaid", ask .. 'it("x", function() http.fetch { url = "https://a.cn/x?to=1" } end)\n', asks)
for lang, sentence in pairs { en = 'tests reach no network: write test.http("GET https://a.cn/x?to=1"', zh = '测试不访问网络：请先写 test.http("GET https://a.cn/x?to=1"' } do
  out, code = c.run(lang, "test unsaid")
  c.check(code == 1 and out:find("unsaid/tests/one_test.lua:2: " .. sentence, 1, true), "a request that nobody answers: " .. out)
end
for wrong, sentence in pairs { ['"https://a.cn"'] = "test.http is written", ['"GET https://a.cn", "SLOW"'] = "test.http is given",
                               ['"GET https://a.cn", { stauts = 1 }'] = "test.http is given" } do
  plugin("unsaid", 'it("x", function() test.http(' .. wrong .. ") end)\n", asks)
  out, code = c.run("en", "test unsaid")
  c.check(code == 1 and out:find("unsaid/tests/one_test.lua:1: " .. sentence, 1, true), "test.http(" .. wrong .. "): " .. out)
end
c.write(c.folder .. "/said/pages/p.lua", 'local http, page = require "host.http", require "host.page"\n'
  .. 'return page "GET /p" { who = { "it" }, function() return { answer = http.fetch { url = "https://a.cn/page" } } end }\n')
plugin("said", ask .. [[
it("is answered in order, the last one from then on", function()
  test.http("POST https://a.cn/x", { status = 503 })
  test.http("POST https://a.cn/x", { json = { n = 1 }, headers = { ["X-Id"] = "7" } })
  local function post(query) return http.fetch { url = "https://a.cn/x" .. query, body = "b" } end
  assert.equal(503, post "".status)
  assert.same({ status = 200, body = '{"n":1}', headers = { ["x-id"] = "7" } }, post "?to=1")
  assert.equal(200, post "".status)
  assert.same({ "https://a.cn/x", "https://a.cn/x?to=1", "https://a.cn/x" }, { test.requests()[1].url, test.requests()[2].url, test.requests()[3].url })
end)
it("shows which secret went where", function()
  test.http("GET https://a.cn/", { status = 204 })
  http.fetch { url = "https://a.cn/", headers = { Authorization = "Bearer " .. http.secret "token" } }
  assert.same({ method = "GET", url = "https://a.cn/", headers = { Authorization = "Bearer <secret token>" } }, test.requests()[1])
end)
it("gets what keeps an answer from coming", function()
  test.http("GET https://a.cn/", "TIMEOUT")
  local answer, why, code = http.fetch { url = "https://a.cn/" }
  assert.is_nil(answer)
  assert.is_string(why)
  assert.equal("TIMEOUT", code)
end)
it("asks whom the manifest names, as everywhere", function()
  for _, url in ipairs { "https://c.cn/", "http://a.cn/", "https://a.cn:81/" } do
    test.http("GET " .. url, {})
    assert.equal("DENIED", select(3, http.fetch { url = url }))
  end
  assert.equal("DENIED", select(3, http.fetch { url = "https://a.cn/\0x" }))
  for name, value in pairs { ["X\0Y"] = "v", X = "a\0b", Y = "a\0" .. http.secret "token", Z = http.secret "token" .. "\0b" } do
    assert.is_false(pcall(http.fetch, { url = "https://a.cn/", headers = { [name] = value } }))
  end
  assert.equal("DENIED", select(3, http.fetch { url = "https://b.cn:81/", headers = { X = http.secret "token" } }))
  assert.same({}, test.requests())
end)
it("says what is no request", function()
  local wrong = { { url = 7 }, { url = "https://a.cn/", methd = "GET" }, { url = "https://a.cn/", method = "get" }, { url = "https://a.cn/", timeout = 11 },
                  { url = "https://a.cn/", body = "a", json = {} }, { url = "https://a.cn/", body = {} }, { url = "https://a.cn/", headers = { Host = "c.cn" } } }
  for _, o in ipairs(wrong) do assert.has_error(function() http.fetch(o) end) end
end)
it("answers whichever state asks", function()
  test.http("GET https://a.cn/page", { body = "x" })
  assert.equal("x", test.page("GET /p").answer.body)
end)
it("can be replaced, as any function", function()
  stub(http, "fetch").returns({ status = 1 })
  assert.equal(1, http.fetch {}.status)
end)
]], asks)
out = c.run("en", "test said")
c.same("7 passed, 0 failed\n", out, "other servers in tests")

c.finish()
