-- KILL a body of db.tx that never ends, caught
local db = require "host.db"
while true do pcall(db.tx, function() while true do pcall(function() while true do end end) end end) end
return "ESCAPED"
