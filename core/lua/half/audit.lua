-- host.audit: rows are written plain in the running transaction.
local core = require "host.core"
local db = require "host.core.db"
local clock = require "host.clock"
local who = require "host.who"

local M = {}
function M.write(what, subject, detail)
  core.only_running "host.audit"
  db.run("INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", db.id(), clock.now(),
    who.actor().login, what, subject, detail)
end
return M
