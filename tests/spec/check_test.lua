-- forecourt check: for each class of error a golden file in check/, in both languages. A file holds the plugins' files ("--- path"), then
-- what is printed ("=== zh", "=== en"). UPDATE=1 writes what is printed now: read the difference before it is committed.
-- Every line is "file:line: sentence", all problems come in one run, and no traceback is shown to anybody.
local c = dofile((arg[0]:match "^(.*)[^/]*/?tests/spec/[^/]*$" or "./") .. "tests/spec/command.lua")
c.temp()

local function parse(text)
  local case, name, lines = { files = {}, order = {} }, nil, {}
  local function keep()
    if not name then return end
    local body = #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
    if name == "zh" or name == "en" then case[name] = body else case.files[name], case.order[#case.order + 1] = body, name end
    lines = {}
  end
  for line in text:gmatch "([^\n]*)\n" do
    local file, lang = line:match "^%-%-%- (%S+)$", line:match "^=== (%a%a)$"
    if file or lang then
      keep()
      name = file or lang
    else
      lines[#lines + 1] = line
    end
  end
  keep()
  return case
end

local function unescaped(text) return (text:gsub("\\x(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)) end

local list = io.popen("ls '" .. c.root .. "tests/spec/check'")
for file in list:lines() do
  local path = c.root .. "tests/spec/check/" .. file
  local case = parse(c.read(path))
  local site = c.site(file)
  for _, name in ipairs(case.order) do c.write(site .. "/plugins/" .. name, unescaped(case.files[name])) end
  local got = {}
  for _, lang in ipairs { "zh", "en" } do
    local out, code = c.run(lang, "check --site " .. file)
    out = out:gsub(c.folder:gsub("%p", "%%%0"), "DIR"):gsub("/%S*/share/forecourt/", "SHARE/")
    got[lang] = out
    if not os.getenv "UPDATE" then c.same(case[lang], out, file .. " in " .. lang) end
    c.same(1, code, file .. ": exit code")
    c.check(not out:find "traceback" and not out:find "%[C%]" and not out:find "%[string", file .. ": no traceback: " .. out)
    for line in out:gmatch "[^\n]+" do
      c.check(line:find "^[%w_./@-]+:%d+: .", file .. ": every line begins with file:line: " .. line)
    end
  end
  c.check(got.zh:find "[\xe4-\xe9][\x80-\xbf]", file .. ": the Chinese is Chinese")
  local _, zh = got.zh:gsub("\n", "")
  local _, en = got.en:gsub("\n", "")
  c.same(zh, en, file .. ": as many in both languages")
  local out = c.run("en", "check --json --site " .. file)
  local _, json = out:gsub('{"at":"[^"]+:%d+","en":"[^\n]*","plugin":"[^"]+","zh":"[^\n]*"}\n', "")
  c.same(en, json, file .. ": a line of JSON for each: " .. out)
  if os.getenv "UPDATE" then
    local f = assert(io.open(path, "w"))
    for _, name in ipairs(case.order) do f:write("--- ", name, "\n", case.files[name]) end
    f:write("=== zh\n", got.zh, "=== en\n", got.en)
    f:close()
  end
end
list:close()
c.finish()
