-- KILL a generator that never ends and is read through a catcher
local gen = coroutine.wrap(function() while true do pcall(coroutine.yield, 1) end end)
while true do for _ in gen do pcall(gen) end end
return "ESCAPED"
