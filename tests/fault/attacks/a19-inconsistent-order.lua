-- BOUND sorting with an order that contradicts itself
local t = {}
for i = 1, 20000 do t[i] = i * 7919 % 104729 end
table.sort(t, function() return true end)
return "bounded"
