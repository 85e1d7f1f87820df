-- KILL a metamethod that Lua calls from C: nothing can be preempted there, the end comes all the same
local mt = {}
mt.__lt = function() while true do pcall(function() while true do end end) end end
while true do pcall(table.sort, { setmetatable({}, mt), setmetatable({}, mt) }) end
return "ESCAPED"
