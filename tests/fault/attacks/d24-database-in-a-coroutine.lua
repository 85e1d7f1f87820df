-- BOUND rows left half read, a transaction left by a yield
local db = require "host.db"
local co = coroutine.wrap(function()
  for row in db.each "SELECT id FROM host_audit UNION ALL SELECT 1 UNION ALL SELECT 2" do coroutine.yield(row) end
end)
co()
co = nil
local half = coroutine.create(function() db.tx(function() coroutine.yield() end) end)
coroutine.resume(half)
half = nil
db.tx(function() db.one "SELECT 1 AS x" end)
pcall(db.tx, function() db.tx(function() error "x" end) end)
return "bounded"
