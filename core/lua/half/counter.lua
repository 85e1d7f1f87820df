-- host.counter: running numbers without gaps, inside the running transaction.
local core = require "host.core"
local db = require "host.core.db"

local M = {}
function M.next(series)
  core.only_running "host.counter"
  return db.tx(function()
    db.run("INSERT INTO host_counter (series, last) VALUES (?, 1) ON CONFLICT (series) DO UPDATE SET last = host_counter.last + 1", series)
    return db.one("SELECT last FROM host_counter WHERE series = ?", series).last
  end)
end
return M
