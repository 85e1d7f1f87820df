-- The words of tests, as busted has them: describe, it, before_each, assert; and `test` for the clock, the actor, files.
-- testing(which) gives the globals; `names` collects every `it`; only number `which` runs.
local core = require "host.core"
local clock = require "host.clock"
local json = require "host.json"

local function show(v)
  if type(v) == "table" then
    local ok, text = pcall(json.encode, v)
    return ok and text or "table"
  end
  return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

local function failed(text, message) error((message and tostring(message) .. ": " or "") .. text, 3) end

local A = {}
function A.equal(want, got, m) if want ~= got then failed("expected " .. show(want) .. ", got " .. show(got), m) end end
function A.not_equal(a, b, m) if a == b then failed("expected something else than " .. show(a), m) end end
function A.same(want, got, m) if not same(want, got) then failed("expected " .. show(want) .. ", got " .. show(got), m) end end
function A.is_true(v, m) if v ~= true then failed("expected true, got " .. show(v), m) end end
function A.is_false(v, m) if v ~= false then failed("expected false, got " .. show(v), m) end end
function A.truthy(v, m) if not v then failed("expected a value, got " .. show(v), m) end end
function A.falsy(v, m) if v then failed("expected nothing, got " .. show(v), m) end end
function A.is_nil(v, m) if v ~= nil then failed("expected nil, got " .. show(v), m) end end
function A.near(want, got, by, m) if math.abs(want - got) > by then failed("expected about " .. show(want) .. ", got " .. show(got), m) end end
function A.matches(pattern, text, m) if not tostring(text):find(pattern) then failed("expected " .. show(text) .. " to match " .. show(pattern), m) end end

local function words(e) return type(e) == "table" and (tostring(e.zh) .. " / " .. tostring(e.en)) or tostring(e) end
function A.error_matches(fn, text, m)
  local ok, e = pcall(fn)
  if ok then failed("expected an error with " .. show(text), m) end
  if text and not words(e):find(text) and not words(e):find(text, 1, true) then failed("expected an error with " .. show(text) .. ", got " .. show(words(e)), m) end
  return e
end
A.has_error = A.error_matches
A.has_no_error = function(fn) fn() end

return function(which)
  local state = { n = 0, names = {}, path = {}, before = {} }
  local T = {}
  function T.now(text)
    local day, hm = text:match "^(%d+%-%d+%-%d+)T(%d+:%d+)"
    local seconds = tonumber(text:match "T%d+:%d+:(%d+)") or 0
    core.set_clock(clock.at(day, hm) + seconds * 1000)
  end
  function T.user(login, roles, name, mail)
    local now = clock.now()
    local id = state.users and state.users[login]
    state.users = state.users or {}
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
  function T.file(name, bytes)
    local file = require "host.file"
    assert(file.write(name, bytes))
    return name
  end
  local function describe(name, fn)
    state.path[#state.path + 1] = name
    local mark = #state.before
    fn()
    for i = #state.before, mark + 1, -1 do state.before[i] = nil end
    state.path[#state.path] = nil
  end
  local function it(name, fn)
    state.n = state.n + 1
    state.names[state.n] = table.concat(state.path, " ") .. (#state.path > 0 and " " or "") .. name
    if state.n ~= which then return end
    for _, before in ipairs(state.before) do before() end
    fn()
  end
  setmetatable(A, { __call = function(_, v, m, ...)
    if not v then error(m or "assertion failed", 2) end
    return v, m, ...
  end })
  return { describe = describe, it = it, before_each = function(fn) state.before[#state.before + 1] = fn end, assert = A, test = T,
    fc_names = function() return state.names end }
end
