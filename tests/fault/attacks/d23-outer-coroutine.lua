-- BOUND the coroutine of the call itself in one's own hands
local me = coroutine.running()
local function try(...) return pcall(coroutine.resume, ...) end
try(me)
coroutine.wrap(function() return try(me, 1) end)()
local co
co = coroutine.create(function() return coroutine.resume(co) end)
coroutine.resume(co)
pcall(coroutine.status, me)
return "bounded"
