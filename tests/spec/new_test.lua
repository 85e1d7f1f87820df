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

-- One thing more in a plugin that is there: of each kind that is no plugin's beginning, all in one, whatever its manifest looks like.
local manifests = {
  'return { id = "grows", version = "1.0.0" }\n',
  'return {\n  id = "grows", -- needs = { of nothing }\n  version = "1.0.0",\n}\n',
  '-- uses = {\nreturn {\n  id = "grows", version = "1.0.0", needs = {\n    archive = ">=1.0",\n  },\n  uses = {"host.clock"}\n}\n',
  'return { id = "grows", version = "1.0.0", uses = {}, needs = {}, title = { zh = "有 } 的", en = "with a }" } -- }\n}\n',
}
local whole = { plugin = true, erasure = true }
for i, manifest in ipairs(manifests) do
  local folder = site .. "/plugins/grows"
  c.write(folder .. "/plugin.lua", manifest)
  for _, kind in ipairs(kinds) do
    local out, code = c.run("en", ("new %s my-%s --in grows --site site"):format(kind, kind))
    if whole[kind] then
      c.check(code == 1 and out:find("is a whole plugin and cannot be added", 1, true), kind .. " is a whole plugin: " .. out)
    else
      c.check(code == 0 and not out:find("add to", 1, true), ("%s into manifest %d: %s"):format(kind, i, out))
      local again
      again, code = c.run("en", ("new %s my-%s --in grows --site site"):format(kind, kind))
      c.check(code == 1 and again:find("not written over", 1, true), kind .. " a second time: " .. again)
    end
  end
  local out, code = c.run("en", "check --site site grows")
  c.check(code == 0 and out == "ok\n", ("check with manifest %d: %s"):format(i, out .. c.read(folder .. "/plugin.lua")))
  out, code = c.run("en", "test --site site grows")
  c.check(code == 0 and (tonumber(out:match "^(%d+) passed, 0 failed") or 0) > 10, "test: " .. out)
  c.check(not io.popen("find '" .. folder .. "' -name '*new-*' -o -name '*.tmp'"):read "l", "nothing half made is left")
  os.execute("rm -rf '" .. folder .. "'")
end
-- What cannot be put in safely is told, word for word.
local built = 'local id = "grows"\nlocal t = { id = id, version = "1.0.0" }\nreturn t\n'
c.write(site .. "/plugins/grows/plugin.lua", built)
local out, code = c.run("en", "new questionnaire wash --in grows --site site")
c.check(code == 0 and out:find('add to site/plugins/grows/plugin.lua:\n  needs = { survey = ">=1.0" },\n', 1, true), "the line to add: " .. out)
c.same(built, c.read(site .. "/plugins/grows/plugin.lua"), "the manifest is as it was")
c.write(site .. "/plugins/grows/plugin.lua", (built:gsub('"1.0.0"', '"1.0.0", needs = { survey = ">=1.0" }')))
c.same("ok\n", (c.run("en", "check --site site grows")), "and with it all is well")
out, code = c.run("en", "new page wash --in survey --site site")
c.check(code == 1 and out:find("there is no plugin", 1, true), "not into what ships with the program: " .. out)
out = c.run("zh", "new page wash --in nobody --site site")
c.check(out:find("这里没有插件", 1, true), "nor into one that is not there: " .. out)
os.execute("rm -rf '" .. site .. "/plugins/grows'")

-- The manifest keeps what it is: the ends of its lines, its rights, its place behind a link; and if the rest fails, every byte.
local short = 'return {\r\n  id = "grows",\r\n  version = "1.0.0",\r\n}\r\n'
c.write(site .. "/aside.lua", short)
os.execute(("cd '%s' && mkdir -p plugins/grows && chmod 660 aside.lua && ln -s ../../aside.lua plugins/grows/plugin.lua"):format(site))
out, code = c.run("en", "new script wash --in grows --site site")
c.check(code == 0, "behind a link: " .. out)
c.same('return {\r\n  id = "grows",\r\n  version = "1.0.0",\r\n  uses = { "host.progress", "host.db" },\r\n}\r\n', c.read(site .. "/aside.lua"), "its lines")
c.same("660 symbolic link\n", io.popen(("cd '%s' && stat -c %%a aside.lua | tr '\\n' ' '; stat -c %%F plugins/grows/plugin.lua"):format(site)):read "a",
  "its rights, and the link")
os.execute("rm -rf '" .. site .. "/plugins/grows' '" .. site .. "/aside.lua'")
c.write(site .. "/plugins/grows/plugin.lua", short)
c.write(site .. "/plugins/grows/tests", "in the way")
out, code = c.run("en", "new script wash --in grows --site site")
c.check(code == 1 and out:find("cannot be written", 1, true), "a file where a folder has to be: " .. out)
c.same(short, c.read(site .. "/plugins/grows/plugin.lua"), "the manifest is as it was")
c.check(not io.popen("find '" .. site .. "/plugins/grows' -type f -name '*wash*'"):read "l", "and nothing half made is left")
os.execute("rm -rf '" .. site .. "/plugins/grows'")
c.write(site .. "/elsewhere/plugin.lua", short)
out, code = c.run("en", "new script wash --in ../elsewhere --site site")
c.check(code == 1 and out:find("there is no plugin", 1, true), "not out of plugins/: " .. out)

-- Outside a site it is made right here, and check and test take the folder.
c.same(0, select(2, c.run("zh", "new page lost")), "a page without a site")
c.same("ok\n", (c.run("zh", "check lost")), "check of a folder")
c.check((c.run("zh", "test lost")):find "^%d+ 个通过，0 个失败\n$", "test of a folder")

c.same(0, select(2, c.run("zh", "new layout found --in lost")), "one thing more in a folder")
c.same("ok\n", (c.run("zh", "check lost")), "check of it")

c.write(c.folder .. "/lost/mine.txt", "mine")
out, code = c.run("en", "new plugin lost")
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
