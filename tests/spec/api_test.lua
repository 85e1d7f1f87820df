-- What authors are told is what there is: every function of the host's modules, of the engines' constructors and of the words of tests, and
-- every point that an engine opens, stands in an annotation file in both languages, and everything that stands there exists. Asked is the
-- built host: `forecourt doc --json` for what is told, a plugin of our own for what is there.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()

-- ---- what there is

-- Parts of the host itself that no plugin is given.
local INNER = { core = true, collect = true, testing = true, assertions = true, doubles = true, repl = true, mask = true }

local function lines(command)
  local p, out = io.popen(command), {}
  for line in p:lines() do out[#out + 1] = line end
  p:close()
  return out
end

local function modules()
  local names = {}
  for name in c.read(c.root .. "core/lua/modules.c"):match("host%[%] = (%b{})"):gmatch '{"([%w_]+)", fc_mod_' do names[name] = true end
  for _, file in ipairs(lines("ls '" .. c.root .. "core/lua/half'")) do names[file:match "^(.*)%.lua$"] = true end
  for name in pairs(INNER) do names[name] = nil end
  local out = {}
  for name in pairs(names) do out[#out + 1] = name end
  table.sort(out)
  return table.concat(out, " ")
end

local HOST = [[
local out = {}
for name in ("%s"):gmatch "%%S+" do
  local ok, module = pcall(require, "host." .. name)
  if not ok then out[#out + 1] = "BROKEN." .. name .. ":" .. tostring(type(module) == "table" and module.en or module)
  else
    out[#out + 1] = "host." .. name
    for key, value in pairs(type(module) == "table" and module or {}) do
      if type(value) == "function" then out[#out + 1] = "host." .. name .. "." .. tostring(key) end
    end
  end
end
local file = require "host.file"
file.write("api-probe.csv", "a,b\n1,2\n")
local opened = require("host.csv").open "api-probe.csv"
for _, method in ipairs { "next", "position", "close", "hash" } do if opened[method] ~= nil then out[#out + 1] = "Table." .. method end end
opened:close()
file.remove "api-probe.csv"
return table.concat(out, " ")
]]

local function asked(code, site)
  c.write(c.folder .. "/probe.lua", code)
  local text = c.run("en", "eval " .. (site and "--site site " or "") .. "--file probe.lua")
  local found = {}
  for word in (text:match '"(.*)"%s*$' or error("the host says: " .. text)):gmatch "%S+" do found[word] = true end
  return found
end

-- The engines' constructors can be asked only by a plugin that needs them, while it loads.
local function constructors(there)
  local needs, code = {}, { "local out = {}" }
  for _, path in ipairs(lines("ls '" .. c.root .. "'plugins/*/define.lua")) do
    local id = path:match "([^/]+)/define.lua$"
    needs[#needs + 1] = ('["%s"] = ">=0"'):format(id)
    code[#code + 1] = ('for k, v in pairs(require "%s.define") do if type(v) == "function" then out[#out + 1] = "%s.define." .. k end end'):format(id, id)
    there[id .. ".define"] = true
  end
  code[#code + 1] = 'return { names = function() return table.concat(out, " ") end }'
  local site = c.site "site"
  c.write(site .. "/plugins/probe/plugin.lua", 'return { id = "probe", version = "1.0.0", needs = { ' .. table.concat(needs, ", ") .. " } }\n")
  c.write(site .. "/plugins/probe/exports.lua", table.concat(code, "\n") .. "\n")
  for name in pairs(asked('return require("probe").names()', true)) do there[name] = true end
end

local function test_words(there)
  c.write(c.folder .. "/words/plugin.lua", 'return { id = "words", version = "1.0.0" }\n')
  c.write(c.folder .. "/words/tests/w_test.lua", [[
    it("lists", function()
      local out = {}
      for name in ("describe it pending before_each after_each finally stub"):gmatch "%a[%w_]*" do
        out[#out + 1] = type(_G[name]) == "function" and name or ""
      end
      for _, t in ipairs { "test", "spy" } do
        out[#out + 1] = t
        for k in pairs(_G[t]) do out[#out + 1] = t .. "." .. k end
      end
      error({ zh = table.concat(out, " "), en = table.concat(out, " ") }, 0)
    end)]])
  local out = c.run("en", "test words --json")
  for word in out:match('"en":"([^"]*)"'):gmatch "%S+" do there[word] = true end
end

local function points(there)
  for _, path in ipairs(lines("ls '" .. c.root .. "'plugins/*/plugin.lua")) do
    local opens = c.read(path):match "opens = (%b{})"
    for name in (opens or ""):gsub("^{", " "):gsub("%b{}", ""):gmatch "([%w_]+) =" do there["point " .. name] = true end
  end
  for name in c.read(c.root .. "core/plugin/live_build.c"):match("core%[%] = (%b{})"):gmatch '"(%w+)"' do there["point " .. name] = true end
end

local function facts(there)
  for name in c.read(c.root .. "core/lua/half/predicate.lua"):match("local METHODS = (%b{})"):gmatch "\n  ([%w_]+) = {" do there["host.Fact." .. name] = true end
end

-- ---- what is told

local function told()
  local out, entries = {}, {}
  for line in (c.run("en", "doc --json")):gmatch "[^\n]+" do
    local e = { name = line:match '"name":"([^"]+)"', kind = line:match '"kind":"(%w+)"', en = line:match '"en":"(.-)","from"',
                zh = line:match '"zh":"(.-)"}$', from = line:match '"from":"([^"]+)"' }
    entries[#entries + 1] = e
    out[(e.kind == "point" and "point " or "") .. e.name] = true
  end
  return out, entries
end

local function compare(there, said)
  local wrong = {}
  for name in pairs(there) do if not said[name] then wrong[#wrong + 1] = name .. " is there and stands in no annotation file" end end
  for name in pairs(said) do
    -- types, and what only the language server needs
    local is_type = name:find "^[%w]*%.?%u%w*$" or name:find "^assert"
    if not there[name] and not is_type then wrong[#wrong + 1] = name .. " stands in an annotation file and is not there" end
  end
  table.sort(wrong)
  return wrong
end

local there = asked(HOST:format(modules()))
constructors(there)
test_words(there)
points(there)
facts(there)
there[""] = nil
local said, entries = told()

for _, text in ipairs(compare(there, said)) do c.check(false, text) end
for _, e in ipairs(entries) do
  c.check(e.en and e.en ~= "", e.from .. ": " .. e.name .. " says nothing in English")
  c.check(e.zh and e.zh:find "[\xe3-\xef][\x80-\xbf]", e.from .. ": " .. e.name .. " says nothing in Chinese")
  if e.kind == "point" then
    for path in e.en:gmatch "(examples/[%w/_-]+)" do c.check(c.read(c.root .. path .. "/plugin.lua"), e.from .. ": there is no " .. path) end
    local kind = e.en:match "forecourt new (%w+)"
    if kind then c.check((" " .. c.run("en", "new") .. " "):find("\n  " .. kind .. " ", 1, true), e.from .. ": there is no kind " .. kind) end
  end
end
for file, list in pairs { ["callback/api/define.d.lua"] = "callback/fact_names.lua", ["complaint/api/define.d.lua"] = "complaint/define.lua" } do
  local text = c.read(c.root .. "plugins/" .. list)
  text = text:match "M%.columns = (%b{})" or text
  for name in text:gmatch "\n  ([%w_]+) = {" do
    c.check(c.read(c.root .. "plugins/" .. file):find("---@field " .. name .. " host.Fact", 1, true), file .. " has no fact " .. name)
  end
end

-- Each point of a shipped engine has its example, each example is listed in both languages, and what is listed is there.
local readme = c.read(c.root .. "examples/README.md")
local contributed = {}
for _, path in ipairs(lines("ls -d '" .. c.root .. "'examples/gallery/plugins/*/")) do
  local id = path:match "([^/]+)/$"
  local _, times = readme:gsub("| `" .. id:gsub("%-", "%%-") .. "` |", "")
  c.same(2, times, "examples/README.md lists " .. id .. " in both languages")
  c.check(#lines("ls " .. path .. "tests/*_test.lua 2>/dev/null") > 0, id .. " has a test")
  for _, point in ipairs(lines("ls " .. path)) do contributed["point " .. point] = true end
end
for id in readme:gmatch "\n| `([%w-]+)` |" do c.check(c.read(c.root .. "examples/gallery/plugins/" .. id .. "/plugin.lua"), "the gallery has " .. id) end
for name in pairs(there) do
  -- a site has one frame, the console's; that one is its example
  if name:find "^point " and name ~= "point frames" then c.check(contributed[name], name .. " has an example in the gallery") end
end

-- The gate bites: without any one of these, and with one too many, it is told.
for _, name in ipairs { "host.db.one", "host.page.redirect", "host.point", "Table.next", "survey.define.rate", "point layouts", "test.page", "host.Fact.le" } do
  c.check(there[name], "the probe sees " .. name)
  local less = {}
  for key in pairs(said) do if key ~= name then less[key] = true end end
  c.check(table.concat(compare(there, less)):find(name .. " is there and stands in no", 1, true), "that " .. name .. " is missing would be told")
end
local more = { ["host.db.gone"] = true }
for key in pairs(said) do more[key] = true end
c.same("host.db.gone stands in an annotation file and is not there", table.concat(compare(there, more)), "what does not exist would be told")

-- ---- for the language server

c.same(0, select(2, c.run("en", "doc --luals site")), "completion is written")
for name in pairs(said) do
  local module, fn = name:match "^(%l[%w]*%.%l[%w_]*)%.([%w_]+)$"
  if module and module ~= "" then
    local text = c.read(c.folder .. "/site/.forecourt/api/" .. module:gsub("%.", "/") .. ".lua")
    c.check(text and text:find("^%-%-%-@meta " .. module:gsub("%.", "%%.") .. "\n") and text:find("[.:]" .. fn .. "%("), name .. " is completed")
    c.check(text and load(text), module .. " is Lua")
  end
end
c.check(c.read(c.folder .. "/site/.luarc.json"):find('".forecourt/api"', 1, true), ".luarc.json names them")
c.write(c.folder .. "/site/.luarc.json", "{}")
local out = c.run("en", "doc --luals site")
c.check(c.read(c.folder .. "/site/.luarc.json") == "{}" and out:find("left as it is", 1, true), "a .luarc.json of one's own stays")
c.same("ok\n", (c.run("en", "check --site site")), "what was written is no plugin")

c.same(1, select(2, c.run("en", "doc host.dbb")), "what is not there")
c.check((c.run("en", "doc host.dbb")):find("did you mean host.db?", 1, true), "a name that is misspelt")
c.check((c.run("zh", "doc db.one")):find("取一行", 1, true) and not (c.run("zh", "doc db.one")):find("One row", 1, true), "in the reader's language")
c.check((c.run("en", "doc")):find("questionnaires", 1, true), "a list of all")
c.finish()
