-- BOUND an error table whose sentences are none
error({ zh = setmetatable({}, { __tostring = function() while true do end end }), en = {}, at = 5 }, 0)
