-- KILL the handler is called for the end itself, and loops
xpcall(function() while true do end end, function() while true do end end)
return "ESCAPED"
