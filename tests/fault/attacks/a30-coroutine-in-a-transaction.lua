-- KILL the same inside a coroutine inside the transaction
local db = require "host.db"
while true do
  pcall(db.tx, function()
    local f = coroutine.wrap(function() while true do end end)
    while true do pcall(f) end
  end)
end
return "ESCAPED"
