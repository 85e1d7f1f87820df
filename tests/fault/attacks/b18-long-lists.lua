-- KILL taking a list apart, again and again
local t = {}
for i = 1, 200000 do t[i] = i end
while true do pcall(function() return select("#", table.unpack(t, 1, 150000)) end) end
