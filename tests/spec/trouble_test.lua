-- What fails while the site runs is found in its log by the number that the page shows: plugin and version, file:line, the plugin and version
-- of the line that failed where that is another one, and the last decision. Nobody outside sees a line of it.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local site = c.site "site"
c.write(site .. "/plugins/below/plugin.lua", 'return { id = "below", version = "2.3.4" }\n')
c.write(site .. "/plugins/below/exports.lua", 'local M = {}\nfunction M.half(n) return n / 2 end\nreturn M\n')
c.write(site .. "/plugins/above/plugin.lua", [[
return { id = "above", version = "1.2.3", needs = { below = ">=1.0", complaint = ">=1.0" }, uses = { "host.rules" } }
]])
c.write(site .. "/plugins/above/severity/s.lua", [[
local s = require "complaint.define"
return s.severity "mine" { version = "1.0.0", s.otherwise { level = "minor", because = { zh = "其他", en = "other" } } }
]])
c.write(site .. "/plugins/above/pages/p.lua", [[
local page = require "host.page"
local below = require "below"
local function deep(t)
  return t.gone.name
end
return {
  page "GET /own" { who = "anyone", function() return { x = deep {} } end },
  page "GET /other" { who = "anyone", function() return { x = below.half "x" } end },
  page "GET /decided" { who = "anyone", function()
    require "host.rules".decide("severity", "mine", { "visit", 7 }, { text = "x" })
    error "after that"
  end },
  page "GET /sentence" { who = "anyone", function() error({ zh = "请先选择", en = "Choose first" }, 0) end },
  page "GET /misuse" { who = "anyone", function() return { x = nothing_here } end },
}
]])
c.same("ok\n", (c.run("en", "check --site site")), "the pages are well written")

local p = io.popen(("cd '%s' && { FORECOURT_LANG=en timeout 120 '%s' serve --site site --listen 127.0.0.1:0 >serve.out 2>&1 & echo $!; }"):format(c.folder, c.binary))
local pid = p:read "l"
p:close()
local address
for _ = 1, 150 do
  address = (c.read(c.folder .. "/serve.out") or ""):match "console: (http://%S+)"
  if address then break end
  os.execute "sleep 0.1"
end

local function get(path)
  local q = io.popen(("curl -s -m 20 -H 'Accept: application/json' -w ' %%{http_code}' '%sa%s'"):format(address, path))
  local text = q:read "a"
  q:close()
  return text
end
local function logged(path)
  for _ = 1, 50 do
    for line in (c.read(site .. "/data/forecourt.log") or ""):gmatch "[^\n]+" do if line:find(" GET " .. path .. ": ", 1, true) then return line end end
    os.execute "sleep 0.1"
  end
  return ""
end

local body = get "/own"
local line = logged "/own"
local number = body:match "number (%d+)" or body:match "编号 (%d+)"
c.check(body:find " 500$" and number, "the page says a number: " .. body)
c.check(not body:find("gone", 1, true) and not body:find("%.lua"), "and nothing of the program: " .. body)
c.check(number and line:find(" error above: above 1.2.3: call " .. number .. " GET /own: plugins/above/pages/p.lua:4: attempt to index a nil value", 1, true), line)

get "/other"
line = logged "/other"
c.check(line:find(" above 1.2.3: call ", 1, true)
  and line:find(" GET /other: plugins/above/pages/p.lua:8: below.half: plugins/below/exports.lua:2: ", 1, true)
  and line:find(" (in below 2.3.4)", 1, true),
  "the line that failed is another plugin's: " .. line)

get "/decided"
line = logged "/decided"
local decision = line:match "; after decision (%d+) severity/mine "
c.check(decision and line:find("plugins/above/pages/p.lua:11: after that", 1, true), "the decision is named: " .. line)
local out = c.run("en", "eval --site site 'return require(\"host.db\").one(\"SELECT set_id FROM host_decision WHERE id = ?\", " .. (decision or 0) .. ").set_id'")
c.check(out:find '"mine"\n', "and its row is there: " .. out)

body = get "/sentence"
local whole = c.read(site .. "/data/forecourt.log")
c.check(body:find " 422$" and body:find("请先选择", 1, true) and not whole:find("Choose first", 1, true), "a sentence for the reader is no trouble")
get "/misuse"
line = logged "/misuse"
c.check(line:find(" warn above: above 1.2.3: call ", 1, true) and line:find("p.lua:14: there is no global 'nothing_here'", 1, true),
  "a mistake that the host names is in the log: " .. line)

os.execute("kill " .. pid)
c.finish()
