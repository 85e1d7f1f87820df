-- KILL a large list sorted again and again
local t = {}
for i = 1, 300000 do t[i] = i * 7919 % 300007 end
while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end
return "ESCAPED"
