-- KILL __tostring, called by the host's own tostring
return tostring(setmetatable({}, { __tostring = function() while true do end end }))
