-- BOUND an error that is expensive to read
error(setmetatable({}, { __tostring = function() while true do end end, __index = function() while true do end end, __name = ("x"):rep(100000) }))
