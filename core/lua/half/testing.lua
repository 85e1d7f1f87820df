-- The words of tests, as busted has them: describe, it, before_each, after_each, assert, spy, stub; and `test` for the clock, the actor,
-- files, pages. testing(which) gives the globals; `names` collects every `it`; only number `which` runs. Each `it` runs in a state of its own
-- over empty stores, so setup is the same as before_each and nothing has to be put back.
local core = require "host.core"
local clock = require "host.clock"
local json = require "host.json"
local assertions = require "host.core.assertions"
local doubles = require "host.core.doubles"

local function with_users(T, state)
  function T.user(login, roles, name, mail)
    local now = clock.now()
    local id = state.users[login]
    if not id then
      id = #login * 1000003 + now % 1000000 + state.n * 7919
      for i = 1, #login do id = id * 31 % 4611686018427387 + login:byte(i) end
      state.users[login] = id
      core.site_run("INSERT INTO site_user (id, login, name, mail, password, made_at, password_at) VALUES (?, ?, ?, ?, 'none', ?, ?)", id, login, name or login,
        mail or (login .. "@example.test"), now, now)
    end
    for _, role in ipairs(roles) do
      core.site_run("INSERT INTO site_user_role (user_id, dealership, role, made_at) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, dealership, role) DO NOTHING", id,
        require "host.who".dealership().id, role, now)
    end
  end
  function T.as(login, roles, name)
    T.user(login, roles, name)
    core.set_actor(login, name or login, json.array(roles))
  end
  function T.lang(lang) core.set_lang(lang) end
end

local function refuse(zh, en) error({ zh = zh, en = en, at = assertions.here() }, 0) end

local function with_files(T)
  function T.file(name, bytes)
    local file = require "host.file"
    assert(file.write(name, bytes))
    return name
  end
  function T.example(name)
    return core.test_file(name) or refuse("tests/ 里没有文件 " .. tostring(name), "there is no file " .. tostring(name) .. " in tests/")
  end
  function T.fixture(plugin) return core.test_fixture(plugin) end
end

-- No test reaches the network: what other servers would say is data of the test, for whichever plugin asks.
local function with_servers(T)
  local web = require "host.core.http"
  local codes = { DENIED = true, TIMEOUT = true, UNREACHABLE = true, LIMIT = true, TLS = true }
  local keys = { status = true, headers = true, body = true, json = true }
  local function answer_of(o)
    if type(o) ~= "table" then return codes[o] and o end
    for key in pairs(o) do if not keys[key] then return nil end end
    local headers = {}
    for name, value in pairs(o.headers or {}) do headers[name:lower()] = value end
    return { status = o.status or 200, headers = headers, body = o.body or (o.json ~= nil and json.encode(o.json)) or "" }
  end
  function T.http(route, answer)
    if not tostring(route):match "^%u+ https?://[^%s]+$" then
      refuse("test.http 要写成 \"POST https://sms.example.cn/send\"", "test.http is written \"POST https://sms.example.cn/send\"")
    end
    web.give(route, answer_of(answer) or refuse("test.http 的答复应是 { status =, headers =, body = 或 json = }，或 \"TIMEOUT\" 之类的代码",
      "test.http is given { status =, headers =, body = or json = }, or a code like \"TIMEOUT\""))
  end
  function T.requests() return web.asked() end
end

local function may(allowed, who)
  if type(allowed) ~= "table" then return true end
  for _, role in ipairs(allowed) do if who.has(role) then return true end end
  return false
end

local function find_page(route)
  local method, path = tostring(route):match "^(%u+) !?(/[^%s]*)$"
  for _, d in ipairs(require "host.point"("pages")) do
    if d.data.method == method and d.data.path == path then return d end
  end
  refuse("没有页面 " .. tostring(route), "there is no page " .. tostring(route))
end

local function check_params(route, declared, given)
  for name in pairs(given) do
    if not declared[name] then refuse(route .. "：没有声明参数 " .. tostring(name), route .. ": the parameter " .. tostring(name) .. " is not declared") end
  end
  for name, spec in pairs(declared) do
    if spec:sub(-1) == "!" and given[name] == nil then refuse(route .. "：缺少参数 " .. name, route .. ": the parameter " .. name .. " is missing") end
  end
end

-- The handler's answer: the data for its template, or page.redirect, page.status ... as a table.
local function run_page(route, params, more)
  local d, who = find_page(route), require "host.who"
  if not may(d.data.who, who) then refuse(route .. "：当前角色不能打开", route .. ": the actor's roles may not open it") end
  params = params or {}
  check_params(route, d.data.params or {}, params)
  local req = { params = params, files = {}, method = d.data.method, path = d.data.path, lang = who.lang(), csrf = "", htmx = false, json = true }
  for key, value in pairs(more or {}) do req[key] = value end
  return require "host.call"(d, "run", req)
end

local function with_clock(T)
  function T.now(text)
    local day, hm = tostring(text):match "^(%d+%-%d+%-%d+)T(%d+:%d+)"
    if not day then refuse("test.now 要写成 \"2026-11-21T09:00\"", "test.now is written \"2026-11-21T09:00\"") end
    local seconds = tonumber(text:match "T%d+:%d+:(%d+)") or 0
    core.set_clock(clock.at(day, hm) + seconds * 1000)
  end
end

-- What stands around an `it`, from the outermost describe inwards; after it the other way round, also when it failed.
local function run(state, fn)
  local after = {}
  for i, f in ipairs(state.after) do after[i] = f end
  local ok, e = pcall(function()
    for _, before in ipairs(state.before) do before() end
    fn()
  end)
  for i = #state.last, 1, -1 do after[#after + 1] = state.last[i] end
  for i = #after, 1, -1 do
    local fine, later = pcall(after[i])
    if ok and not fine then ok, e = false, later end
  end
  if not ok then error(e, 0) end
end

local function words_of(state, which)
  local W = {}
  function W.describe(name, fn)
    state.path[#state.path + 1] = name
    local before, after = #state.before, #state.after
    fn()
    for i = #state.before, before + 1, -1 do state.before[i] = nil end
    for i = #state.after, after + 1, -1 do state.after[i] = nil end
    state.path[#state.path] = nil
  end
  function W.it(name, fn)
    state.n = state.n + 1
    state.names[state.n] = table.concat(state.path, " ") .. (#state.path > 0 and " " or "") .. name
    if state.n == which then run(state, fn) end
  end
  function W.pending() end
  function W.before_each(fn) state.before[#state.before + 1] = fn end
  function W.after_each(fn) state.after[#state.after + 1] = fn end
  function W.finally(fn) state.last[#state.last + 1] = fn end
  W.context, W.insulate, W.expose, W.spec = W.describe, W.describe, W.describe, W.it
  W.setup, W.lazy_setup, W.strict_setup, W.teardown, W.lazy_teardown, W.strict_teardown = W.before_each, W.before_each, W.before_each, W.after_each,
    W.after_each, W.after_each
  return W
end

return function(which)
  local state = { n = 0, names = {}, path = {}, before = {}, after = {}, last = {}, users = {} }
  local W, T = words_of(state, which), { page = run_page }
  with_clock(T)
  with_users(T, state)
  with_files(T)
  with_servers(T)
  W.assert, W.test, W.spy, W.stub = assertions.assert, T, doubles.spy, doubles.stub
  function W.fc_names() return state.names end
  return W
end
