-- forecourt tail from outside, on a site that is being served: a reload, a broken save, a plugin's own log line, a decision, and nothing of
-- other plugins. It only waits for what must come; how long it takes is measured elsewhere.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local site = c.site "site"
local function plugin(id, line)
  c.write(site .. "/plugins/" .. id .. "/plugin.lua",
    ('return { id = "%s", version = "1.0.0", uses = { "host.rules" }, needs = { complaint = ">=1.0" } }\n'):format(id))
  c.write(site .. "/plugins/" .. id .. "/exports.lua", line)
end
plugin("wheels", 'return { f = function() return 1 end }\n')
plugin("tyres", 'return { f = function() return 1 end }\n')
c.write(site .. "/plugins/wheels/severity/wheels.lua", [[
local s = require "complaint.define"
local f = s.facts "complaint"
return s.severity "wheels" { version = "1.0.0", s.rule "lost" { when = f.text:matches "wheel", level = "serious", because = { zh = "轮", en = "wheel" } },
  s.otherwise { level = "minor", because = { zh = "其他", en = "other" } } }
]])

local function background(words, out)
  local p = io.popen(("cd '%s' && { FORECOURT_LANG=en timeout 120 '%s' %s >'%s' 2>&1 & echo $!; }"):format(c.folder, c.binary, words, out))
  local pid = p:read "l"
  p:close()
  return pid
end
local function comes(out, text, plain)
  for _ = 1, 150 do
    local now = c.read(c.folder .. "/" .. out) or ""
    if now:find(text, 1, plain ~= false) then return true end
    os.execute "sleep 0.1"
  end
  return c.check(false, out .. " never shows: " .. text .. "\n" .. (c.read(c.folder .. "/" .. out) or ""))
end

local served = background("serve --site site --listen 127.0.0.1:0", "serve.out")
comes("serve.out", "console: http://")
local wheels = background("tail wheels --site site", "wheels.out")
local all = background("tail --site site --json --lines 0", "all.out")
comes("wheels.out", "following wheels")
comes("all.out", "following all plugins")

local coming = background("tail brakes --site site", "brakes.out")
comes("brakes.out", "following brakes")
c.check(comes("brakes.out", "there is no plugin brakes yet: waiting for it"), "one that is not there yet is waited for")
plugin("brakes", 'return {}\n')
c.check(comes("brakes.out", "plugin.live brakes 1.0.0 "), "and seen when it comes")
local _, said = c.read(c.folder .. "/brakes.out"):gsub("\n", "")
c.same(3, said, "in one line each: " .. c.read(c.folder .. "/brakes.out"))
os.execute("kill " .. coming)
c.check(not c.read(c.folder .. "/wheels.out"):find("waiting", 1, true), "of one that is there nothing is said")

plugin("wheels", 'return { f = function() return 2 end }\n')
c.check(comes("wheels.out", "plugin.live wheels 1.0.0 "), "a reload is shown with its version")
c.check(comes("all.out", '{"kind":"plugin","text":"', true), "also in JSON")
plugin("wheels", 'return { f = function() return 2 end\n')
c.check(comes("wheels.out", "error plugin: plugins/wheels/exports.lua:2: "), "a save that is broken is shown with its line")
c.run("en", "plugin rollback wheels --site site")
c.check(comes("wheels.out", "plugin.rollback wheels 1%.0%.0 %x+, by cli:", false), "what was taken back says to which content")
c.run("en", "plugin disable wheels --site site")
c.check(comes("wheels.out", "plugin.disable wheels, by cli:"), "what has no version has no gap")
c.run("en", "plugin enable wheels --site site")
c.check(comes("wheels.out", "plugin.enable wheels, by cli:"), "also switched on again")
plugin("tyres", 'return { f = function() return 3 end }\n')
c.check(comes("all.out", "plugin.live tyres 1.0.0 "), "another plugin is seen by who follows all")
c.run("en", "eval --site site --as wheels 'require(\"host.log\").warn(\"worn to 13812345678\")'")
c.check(comes("wheels.out", "warn wheels: worn to 138****5678"), "the plugin's own line, from another process, masked")
c.run("en", "eval --site site --as wheels 'return require(\"host.rules\").decide(\"severity\", \"wheels\", { \"visit\", 7 }, { text = \"a wheel is off\" }).rule'")
c.check(comes("wheels.out", " severity/wheels: lost for visit 7, at plugins/wheels/severity/wheels.lua:3 (wheels 1.0.0, by cli:"),
  "a decision with rule, subject and line")
c.check(not c.read(c.folder .. "/wheels.out"):find("tyres", 1, true), "nothing of another plugin")

c.write(site .. "/plugins/wheels/tests/w_test.lua", 'it("is round", function() error("it is square", 0) end)\n')
plugin("wheels", 'return { f = function() return 4 end }\n')
c.check(comes("wheels.out", "\n    FAIL  [^\n]*is round\n[^\n]*it is square\n", false), "a report of several lines is read as such")
os.execute("rm -r '" .. site .. "/plugins/wheels/tests'")

-- A log that is begun anew is followed.
os.rename(site .. "/data/forecourt.log", site .. "/data/forecourt.log.1")
c.run("en", "eval --site site --as wheels 'require(\"host.log\").info(\"a new file\")'")
c.check(comes("wheels.out", "info wheels: a new file"), "the new file is followed")
local _, times = c.read(c.folder .. "/wheels.out"):gsub("severity/wheels: lost", "")
c.same(1, times, "each event is shown once")

os.execute("kill " .. wheels .. " " .. all .. " " .. served)
local last = io.popen(("cd '%s' && FORECOURT_LANG=en timeout 2 '%s' tail wheels --site site --lines 1"):format(c.folder, c.binary)):read "a"
c.check(last:find("a new file", 1, true) and not last:find("worn", 1, true), "the last lines, also when nothing runs: " .. last)
c.site "never"
local out = c.run("en", "tail --site never")
c.check(out:find("has not run yet", 1, true), "a site that never ran: " .. out)
c.finish()
