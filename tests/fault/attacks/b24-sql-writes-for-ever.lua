-- KILL a writing statement that never ends, in a transaction
local db = require "host.db"
db.tx(function()
  db.run "INSERT INTO attack_row (series, last) WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT 'attack' || i, i FROM r"
end)
return "ESCAPED"
