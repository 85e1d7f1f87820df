-- DENY what reaches outside of the sandbox
local names = { "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage", "warn", "arg", "jit", "bit32", "module", "loadstring", "setfenv", "getfenv", "newproxy" }
for _, name in ipairs(names) do
  if rawget(_G, name) ~= nil then return "ESCAPED: " .. name end
end
for _, pair in ipairs { { string, "dump" }, { coroutine, "close" } } do
  if pair[1][pair[2]] then return "ESCAPED: " .. pair[2] end
end
return "denied"
