-- DENY yields at the top of a call, from wherever the host now lets calls yield
local denied = 0
local function try() if not pcall(coroutine.yield, "x") then denied = denied + 1 end return false end
table.sort({ 2, 1 }, try)
local _ = ("x"):gsub("x", function() try() end)
tostring(setmetatable({}, { __tostring = function() try() return "x" end }))
pcall(try)
return denied == 4 and "denied" or "ESCAPED " .. denied
