-- BOUND coroutines that resume themselves and each other in circles
local a, b
a = coroutine.create(function() for _ = 1, 100 do coroutine.resume(b) coroutine.resume(a) coroutine.yield(coroutine.resume(coroutine.running())) end end)
b = coroutine.create(function() for _ = 1, 100 do coroutine.resume(a) coroutine.resume(b) coroutine.yield() end end)
for _ = 1, 300 do pcall(coroutine.resume, a) pcall(coroutine.resume, b) end
return "bounded"
