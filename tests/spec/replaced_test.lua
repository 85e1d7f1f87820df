-- The program's file is replaced while it serves, as an update of the package does: what it starts (here the tests of a staged plugin) is still
-- itself. The copy stands beside the program, where it finds what ships with it.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local site = c.site "site"
local copy = c.binary .. "-replaced" .. c.folder:match "[^.]*$"
local function plugin(n)
  c.write(site .. "/plugins/wheels/exports.lua", "return { n = function() return " .. n .. " end }\n")
end
c.write(site .. "/plugins/wheels/plugin.lua", 'return { id = "wheels", version = "1.0.0" }\n')
c.write(site .. "/plugins/wheels/tests/n_test.lua", 'describe("n", function() it("is a number", function() assert.is_number(require("wheels").n()) end) end)\n')
plugin(1)

os.execute(("cp '%s' '%s'"):format(c.binary, copy))
local p = io.popen(("cd '%s' && { FORECOURT_LANG=en timeout 60 '%s' serve --site site --listen 127.0.0.1:0 >serve.out 2>&1 & echo $!; }"):format(c.folder, copy))
local pid = p:read "l"
p:close()
local function comes(text, times)
  for _ = 1, 150 do
    local out = c.read(c.folder .. "/serve.out") or ""
    local _, n = out:gsub(text, "")
    if n >= times then return true end
    os.execute "sleep 0.1"
  end
  return false, c.read(c.folder .. "/serve.out")
end
c.check(comes("console: http://", 1), "it serves")
os.execute(("rm '%s' && cp /bin/false '%s'"):format(copy, copy))
plugin(2)
local ok, out = comes("1 plugin%(s%) replaced", 1)
c.check(ok, "the change is in force after its tests ran: " .. tostring(out))
os.execute("kill " .. pid .. "; rm -f '" .. copy .. "'")
c.finish()
