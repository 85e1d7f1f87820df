-- Every function of the host's modules stands in core/lua/api/host.d.lua, and everything that stands there exists. Asks the built host:
--   lua5.4 tests/spec/api_test.lua      (the binary is FORECOURT_BIN or build/bin/forecourt)
local root = arg[0]:match "^(.*)tests/spec/[^/]*$" or "./"
local binary = os.getenv "FORECOURT_BIN" or root .. "build/bin/forecourt"

local function read(path)
  local f = assert(io.open(path))
  local text = f:read "a"
  f:close()
  return text
end

local passed, failed = 0, 0
local function check(ok, text)
  if ok then passed = passed + 1 else
    failed = failed + 1
    print("FAIL  " .. text)
  end
end

-- ---- what the host registers

-- Parts of the host itself that no plugin is given.
local INNER = { core = true, collect = true, testing = true, assertions = true, doubles = true, mask = true }

local function modules()
  local names = {}
  for name in read(root .. "core/lua/require.c"):match("modules%[%] = (%b{})"):gmatch '{"([%w_]+)", fc_mod_' do names[name] = true end
  local list = io.popen("ls '" .. root .. "core/lua/half'")
  for file in list:lines() do names[file:match "^(.*)%.lua$" or ""] = true end
  list:close()
  names[""] = nil
  for name in pairs(INNER) do names[name] = nil end
  return names
end

local PROBE = [[
local out = {}
local function list(name, t) for key, value in pairs(t) do if type(value) == "function" then out[#out + 1] = name .. "." .. tostring(key) end end end
for name in ("%s"):gmatch "%%S+" do
  local ok, module = pcall(require, "host." .. name)
  if not ok then out[#out + 1] = "BROKEN " .. name .. ": " .. tostring(type(module) == "table" and module.en or module)
  elseif type(module) == "function" then out[#out + 1] = name
  else
    out[#out + 1] = name
    list(name, module)
  end
end
local file = require "host.file"
file.write("api-probe.csv", "a,b\n1,2\n")
local opened = require("host.csv").open "api-probe.csv"
for _, method in ipairs { "next", "position", "close", "encoding", "delimiter", "size", "hash" } do
  if opened[method] ~= nil then out[#out + 1] = "Table." .. method end
end
opened:close()
file.remove "api-probe.csv"
return table.concat(out, " ")
]]

local function registered()
  local names = {}
  for name in pairs(modules()) do names[#names + 1] = name end
  table.sort(names)
  local script = os.tmpname()
  local f = assert(io.open(script, "w"))
  f:write((PROBE:format(table.concat(names, " "))))
  f:close()
  local pipe = io.popen("cd /tmp && FORECOURT_LANG=en '" .. binary .. "' eval --file " .. script .. " 2>&1")
  local text = pipe:read "a"
  pipe:close()
  os.remove(script)
  local found = {}
  for word in (text:match '^"(.*)"%s*$' or error("the host says: " .. text)):gmatch "%S+" do found[word] = true end
  return found
end

-- ---- what the annotations declare

local function declared()
  local text, out = read(root .. "core/lua/api/host.d.lua"), {}
  local local_of = {} -- the name of the local variable -> the module's
  for module, name in text:gmatch "%-%-%-@class host%.(%w+)[^\n]*\nlocal (%w+) = {}" do
    local_of[name] = module
    out[module] = true
  end
  local_of.Table = "Table"
  for name, fn in text:gmatch "\nfunction (%w+)[.:]([%w_]+)%(" do
    check(local_of[name], "host.d.lua: " .. name .. "." .. fn .. " belongs to no ---@class")
    out[(local_of[name] or name) .. "." .. fn] = true
  end
  for list in text:gmatch "\n(Table%.[%w_., ]+) = " do
    for name in list:gmatch "Table%.([%w_]+)" do out["Table." .. name] = true end
  end
  for name in text:gmatch "\nlocal function (%w+)%(" do out[name] = true end
  for name in text:gmatch '%-%-%-require "host%.(%w+)"' do out[name] = true end
  -- What a constructor module gives besides itself is told in its comment: page.redirect(path), script.file "x".
  for module, fn in text:gmatch "(%w+)%.([%w_]+)%s?[%({\"]" do
    local name = module .. "." .. fn
    if (" page script predicate frame re "):find(" " .. module .. " ", 1, true) then out[name] = out[name] or "told" end
  end
  for kinds in text:gmatch "Parameter kinds: ([^\n]*)\n" do
    for kind in kinds:gsub("%b()", ""):gmatch "%l+" do out["script." .. kind] = "told" end
  end
  return out
end

local there, said = registered(), declared()
for name in pairs(there) do check(said[name], name .. " is registered and does not stand in host.d.lua") end
for name, how in pairs(said) do check(there[name] or how == "told", name .. " stands in host.d.lua and is not registered") end
check(there["db.one"] and there["page.redirect"] and there["Table.next"] and there.point, "the probe sees functions, Lua halves, methods and modules that are functions")

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0)
