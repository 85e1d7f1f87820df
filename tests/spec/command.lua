-- For specs that ask the built binary from outside: run(words) -> output, exit code; folders that go again; counting.
local M = { passed = 0, failed = 0 }

M.root = arg[0]:match "^(.*)tests/spec/[^/]*$" or "./"
if M.root:sub(1, 1) ~= "/" then
  local pwd = io.popen "pwd"
  M.root = pwd:read "l" .. "/" .. M.root
  pwd:close()
end
local given = os.getenv "FORECOURT_BIN"
M.binary = given and (given:sub(1, 1) == "/" and given or M.root .. given) or M.root .. "build/bin/forecourt"

function M.check(ok, text)
  if ok then M.passed = M.passed + 1 else
    M.failed = M.failed + 1
    print("FAIL  " .. text)
  end
  return ok
end

function M.same(want, got, text)
  return M.check(want == got, ("%s\n      expected %q\n      got      %q"):format(text, tostring(want), tostring(got)))
end

function M.finish()
  if M.folder then os.execute("rm -rf '" .. M.folder .. "'") end
  print(("%d passed, %d failed"):format(M.passed, M.failed))
  os.exit(M.failed == 0)
end

function M.read(path)
  local f = io.open(path)
  local text = f and f:read "a"
  if f then f:close() end
  return text
end

function M.write(path, text)
  os.execute("mkdir -p '" .. path:match "^(.*)/[^/]*$" .. "'")
  local f = assert(io.open(path, "w"))
  f:write(text)
  f:close()
end

-- A folder of this run alone; commands run in it.
function M.temp()
  local p = io.popen "mktemp -d"
  M.folder = p:read "l"
  p:close()
  return M.folder
end

function M.site(name)
  M.write(M.folder .. "/" .. name .. "/site.lua",
    'return { name = { zh = "试", en = "Try" }, dealerships = { { id = "a", name = { zh = "试", en = "Try" } } } }\n')
  return M.folder .. "/" .. name
end

-- Output with errors, and the exit code; "zh" or "en" before it.
function M.run(lang, words)
  local p = io.popen(("cd '%s' && FORECOURT_LANG=%s timeout 60 '%s' %s 2>&1; echo \" exit $?\""):format(M.folder or "/tmp", lang, M.binary, words))
  local text = p:read "a"
  p:close()
  local out, code = text:match "^(.*) exit (%d+)\n$"
  return out, tonumber(code)
end

return M
