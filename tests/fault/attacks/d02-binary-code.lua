-- DENY compiled code
local forms = { "\27Lua", "\27LuaT\0\25\147\r\n\26\n", "\27LJ\2" }
for _, text in ipairs(forms) do
  for _, mode in ipairs { "b", "bt", "t" } do
    local ok, fn = pcall(load, text, "=x", mode, {})
    if ok and fn then return "ESCAPED: compiled code was loaded" end
  end
end
return "denied"
