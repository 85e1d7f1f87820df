-- DENY where things lie in memory
local probes = { tostring({}), tostring(print), tostring(coroutine.create(print)), ("%s"):format({}), ("%s"):format(print), tostring(require "host.db"), tostring(setmetatable({}, {})) }
local words = { pcall(string.format, "%p", {}), pcall(string.format, "%-20p", print), pcall(string.format, "%q", {}), pcall(function() return _G[{}] end), pcall(function() return ({}) .. "" end),
  pcall(function() _G[{}] = 1 end), pcall(error, {}), pcall(require, "x"), pcall(table.concat, { {} }), pcall(load, "x =") }
for _, v in ipairs(words) do probes[#probes + 1] = type(v) == "table" and (v.en or "") or tostring(v) end
for _, text in ipairs(probes) do
  if text:find "0x%x%x%x%x" then return "ESCAPED: " .. text:sub(1, 60) end
end
return "denied"
