-- BOUND memory that ends inside an order, inside a replacement, inside a coroutine
local kept = {}
local function eat() for i = 1, 1000 do kept[#kept + 1] = ("x"):rep(100000) .. #kept .. i end end
pcall(table.sort, { 4, 3, 2, 1 }, function(a, b) pcall(eat) return a < b end)
pcall(string.gsub, "xxxx", "x", function() eat() end)
pcall(coroutine.wrap(function() eat() coroutine.yield() end))
kept = nil
return "bounded"
