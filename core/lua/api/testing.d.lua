---@meta
-- The words of tests: files tests/NAME_test.lua of a plugin, run by `forecourt test`. As busted and luassert have them, in the real host: an
-- empty store for each `it`, a clock that stands where the test puts it, no network. Each `it` runs in a state of its own.

---一组测试。
---A group of tests.
function describe(name, fn) end
---一个测试；数据库是空的，互不影响。
---One test; the store is empty, none sees another's rows.
function it(name, fn) end
---写下以后再做的测试，不运行。
---A test for later, not run.
function pending(name, fn) end
---在本组每个 it 之前。
---Before each `it` of the group.
function before_each(fn) end
---在本组每个 it 之后，失败了也会执行。
---After each `it` of the group, also where it failed.
function after_each(fn) end
---在这个 it 结束时。
---When this `it` ends.
function finally(fn) end

---@class test
---测试里的时钟、操作者、页面、文件。
---The clock, the actor, pages and files of a test.
test = {}
---时钟停在这一刻：test.now "2026-11-21T09:00"
---Puts the clock: test.now "2026-11-21T09:00"
function test.now(text) end
---从这里起由谁操作：test.as("wang", { "specialist" }, "王芳")
---Who acts from here on: test.as("wang", { "specialist" }, "Wang Fang")
function test.as(login, roles, name) end
---让一个用户存在，不作为操作者。
---Makes a user exist, without acting.
function test.user(login, roles, name, mail) end
---操作者的语言："zh" 或 "en"。
---The actor's language: "zh" or "en".
function test.lang(lang) end
---打开一个页面：test.page("POST /notes", { words = "..." })；检查角色和参数，返回处理函数给模板的数据。
---Opens a page: test.page("POST /notes", { words = "..." }); asks roles and parameters, returns what the handler gives its template.
function test.page(route, params, request) end
---写一个 host.file 能读的文件，返回名称。
---Writes a file that host.file reads; returns its name.
function test.file(name, bytes) end
---别的服务器会怎样答复：test.http("POST https://sms.example.cn/send", { status = 200, json = { ok = true } })，或 "TIMEOUT" 之类的代码。
---测试不访问网络；地址里的 ? 及其后可省略；同一地址的几个答复按顺序用，最后一个一直有效。
---What another server says: test.http("POST https://sms.example.cn/send", { status = 200, json = { ok = true } }), or a code like "TIMEOUT". For whichever
---plugin asks; what stands behind a ? may be left out. Several answers of one route serve in their order, the last one from then on. Without any,
---http.fetch fails: no test reaches the network.
function test.http(route, answer) end
---到现在为止发出的请求，按顺序：{ {method, url, headers, body} }；密钥显示为 <secret 名称>。
---What was asked so far, in order: { {method, url, headers, body} }; a secret is shown as <secret NAME>.
function test.requests() end
---本插件 tests/ 里一个文件的内容。
---The content of a file in the plugin's tests/.
function test.example(name) end
---引擎提供给测试的帮手：test.fixture "archive".orders { { order_no = "RO1", settled = "2026-11-20" } }
---What an engine offers to tests: test.fixture "archive".orders { { order_no = "RO1", settled = "2026-11-20" } }
function test.fixture(plugin) end

---@class spy
---替身：记住怎样被调用。assert.spy(s).was.called(1)、assert.spy(s).was.called_with(...)
---A double that remembers its calls. assert.spy(s).was.called(1), assert.spy(s).was.called_with(...)
spy = {}
---包住一个函数。
---Wraps a function.
function spy.new(fn) end
---包住模块里的一个函数。
---Wraps a function of a module.
function spy.on(module, name) end
---换掉模块里的一个函数：stub(module, "name").returns(1)；测试结束不用恢复。
---Replaces a function of a module: stub(module, "name").returns(1); nothing has to be put back.
function stub(module, name, ...) end

---@class assert
---断言，写法同 luassert：assert.equal、assert.are.same、assert.is_not.nil……失败时说明哪个字段、应为什么、实际是什么。
---Assertions in luassert's words: assert.equal, assert.are.same, assert.is_not.nil ... A failure says which field, what was expected, what was got.
assert = {}
---同一个值。
---One and the same value.
function assert.equal(expected, got, message) end
---内容相同的表。
---Tables of equal content.
function assert.same(expected, got, message) end
---应出错；expected 是文字或 { zh =, en = }。返回错误。
---Raises; expected is a text or { zh =, en = }. Returns the error.
function assert.has_error(fn, expected, message) end
---不应出错。
---Raises nothing.
function assert.has_no_error(fn) end
---为 true。
---Is true.
function assert.is_true(value, message) end
---为 false。
---Is false.
function assert.is_false(value, message) end
---为 nil。
---Is nil.
function assert.is_nil(value, message) end
---不为 nil。
---Is not nil.
function assert.is_not_nil(value, message) end
---有值（不是 nil 或 false）。
---Is neither nil nor false.
function assert.truthy(value, message) end
---没有值（nil 或 false）。
---Is nil or false.
function assert.falsy(value, message) end
---约等于。
---Is about it.
function assert.near(expected, got, by, message) end
---匹配 Lua 模式。
---Matches a Lua pattern.
function assert.matches(pattern, text, message) end
---表里没有重复。
---Nothing stands in the list twice.
function assert.unique(list, message) end
