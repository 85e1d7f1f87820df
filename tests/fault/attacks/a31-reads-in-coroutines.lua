-- KILL waits inside coroutines inside catchers: the budget counts over all turns
local db = require "host.db"
while true do
  local co = coroutine.create(function()
    while true do
      pcall(db.all, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n")
      coroutine.yield(1)
    end
  end)
  for _ = 1, 5 do pcall(coroutine.resume, co) end
end
return "ESCAPED"
