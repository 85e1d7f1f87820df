-- KILL the loop runs in a coroutine
coroutine.wrap(function() while true do end end)()
return "ESCAPED"
