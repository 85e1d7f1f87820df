-- forecourt new: whatever it makes passes check and test as it is, nothing is written over, a good name is explained.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()
local site = c.site "site"

local kinds = {}
for kind in (c.run("en", "new")):gmatch "\n  ([%w-]+) " do kinds[#kinds + 1] = kind end
c.check(#kinds >= 11, "there are at least eleven kinds")
for _, wanted in ipairs { "plugin", "questionnaire", "rules", "layout", "page" } do
  c.check((" " .. table.concat(kinds, " ") .. " "):find(" " .. wanted .. " ", 1, true), "there is the kind " .. wanted)
end

for _, kind in ipairs(kinds) do
  local name = "my-" .. kind
  local out, code = c.run("en", ("new %s %s --site site"):format(kind, name))
  c.same(0, code, "new " .. kind .. ": " .. out)
  c.check(not out:find "@NAME", kind .. ": no placeholder in a path")
  out, code = c.run("en", ("check --site site %s"):format(name))
  c.check(code == 0 and out == "ok\n", "check " .. kind .. ": " .. out)
  out, code = c.run("en", ("test --site site %s"):format(name))
  c.check(code == 0 and tonumber(out:match "^(%d+) passed, 0 failed") or 0 > 0, "test " .. kind .. ": " .. out)
  c.check(not io.popen("grep -rl '@NAME' '" .. site .. "/plugins/" .. name .. "'"):read "l", kind .. ": no placeholder is left")
  local pack, packed = c.run("en", "pack build site/plugins/" .. name)
  c.same(0, packed, "pack build " .. kind .. ": " .. pack)
  os.execute("rm -rf '" .. site .. "/plugins/" .. name .. "'") -- some would claim the same thing
  local dealer = "dealer-" .. kind
  c.site(dealer)
  out, code = c.run("en", ("pack install %s --site %s --dev --yes"):format(pack:gsub("%s+$", ""), dealer))
  c.check(code == 0 and out:find("installed " .. name, 1, true), "a dealer installs what came from new " .. kind .. ": " .. out)
end

-- Outside a site it is made right here, and check and test take the folder.
c.same(0, select(2, c.run("zh", "new page lost")), "a page without a site")
c.same("ok\n", (c.run("zh", "check lost")), "check of a folder")
c.check((c.run("zh", "test lost")):find "^%d+ 个通过，0 个失败\n$", "test of a folder")

c.write(c.folder .. "/lost/mine.txt", "mine")
local out, code = c.run("en", "new plugin lost")
c.check(code == 1 and out:find("not written over", 1, true), "nothing is written over: " .. out)
c.same("mine", c.read(c.folder .. "/lost/mine.txt"), "what was there is as it was")
c.check(not io.popen("ls -A '" .. c.folder .. "' | grep new-"):read "l", "nothing half made is left")

for given, better in pairs { ["'Wash Phone'"] = "wash-phone", ["9-lives"] = "lives", ["洗车"] = "my-page", host = "my-page", ["../up"] = "up", ["a"] = "my-page" } do
  out, code = c.run("en", "new page " .. given)
  c.check(code == 1 and out:find("for example " .. better .. "\n", 1, true), given .. ": " .. out)
end
out, code = c.run("en", "new page survey --site site")
c.check(code == 1 and out:find("there is a plugin survey already", 1, true), "a name that is taken: " .. out)
out, code = c.run("en", "new pagee x1")
c.check(code == 2 and out:find("did you mean page?", 1, true), "a kind that is misspelt: " .. out)

-- A point that somebody opens brings its own beginning.
c.write(site .. "/plugins/wheels/plugin.lua", 'return { id = "wheels", version = "1.0.0" }\n')
c.write(site .. "/plugins/wheels/new/wheel/new.lua", 'return { zh = "轮子", en = "a wheel" }\n')
c.write(site .. "/plugins/wheels/new/wheel/plugin.lua", 'return { id = "@NAME@", version = "1.0.0", tables = { "@NAME_@_" } }\n')
c.same(0, select(2, c.run("en", "new wheel big-one --site site")), "a kind of a plugin's own")
c.same('return { id = "big-one", version = "1.0.0", tables = { "big_one_" } }\n', c.read(site .. "/plugins/big-one/plugin.lua"), "both forms of the name")

c.finish()
