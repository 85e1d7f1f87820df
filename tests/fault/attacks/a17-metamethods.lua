-- KILL loops inside metamethods
local t = setmetatable({}, { __index = function(self, k) return self[k .. "x"] and 1 end, __eq = function() while true do end end, __lt = function() while true do end end })
pcall(function() return t.a end)
return t < setmetatable({}, getmetatable(t))
