-- BOUND an order, a replacement and a length that change what is being worked on
local t = {}
for i = 1, 200 do t[i] = i % 17 end
pcall(table.sort, t, function(a, b) for i = 1, 50 do t[#t + 1] = i % 3 == 0 and "x" or nil t[i] = nil end return (a or 0) < (b or 0) end)
local m = setmetatable({}, { __len = function() return 50 end, __index = function(s, k) rawset(s, k, "y") return "y" end, __newindex = function(s, k) rawset(s, k + 1, nil) end })
pcall(table.insert, m, 1, "z") pcall(table.remove, m, 1) pcall(table.move, m, 1, 50, 3) pcall(table.concat, m, ",")
local co = coroutine.wrap(function() table.sort(t, function(a, b) coroutine.yield(a, b) return tostring(a) < tostring(b) end) end)
for _ = 1, 500 do if not pcall(co) then break end end
return "bounded"
