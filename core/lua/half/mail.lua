-- host.mail: queued in the transaction that caused it; the core sends after the commit and tries again with back-off.
local core = require "host.core"
local db = require "host.core.db"
local clock = require "host.clock"
local text = require "host.text"

local M = {}
function M.send(o)
  core.only_running "host.mail"
  assert(type(o.to) == "string" and type(o.key) == "string", "mail.send needs to and key")
  if o.to == "" or o.to:find "[\r\n]" then return false end
  local now = clock.now()
  return db.run([[INSERT INTO host_mail (id, key, recipient, subject, body, made_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO NOTHING]], db.id(), o.key, o.to, text.pick(o.subject, o.lang), text.pick(o.body, o.lang), now, now) > 0
end
return M
