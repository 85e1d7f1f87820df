-- BOUND as many arguments as can be asked for
local t = {}
for i = 1, 100000 do t[i] = i end
for _, n in ipairs { 7999, 100000, 10000000, math.maxinteger } do pcall(table.unpack, t, 1, n) end
pcall(string.char, table.unpack(t, 1, 200))
pcall(select, math.mininteger, 1)
pcall(function() return select(-3, 1, 2) end)
return "bounded"
