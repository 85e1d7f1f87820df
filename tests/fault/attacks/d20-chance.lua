-- DENY a random seed that all share
local first = {}
for i = 1, 4 do first[i] = math.random(1 << 52) end
math.randomseed(1)
local a = math.random(1 << 52)
math.randomseed(1)
return a == math.random(1 << 52) and first[1] ~= first[2] and "denied" or "ESCAPED"
