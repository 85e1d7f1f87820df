-- host.audit: rows are written plain in the running transaction. What a person typed is no part of them: a row is chained and stays
-- for ever, words about somebody are sealed for him and end with his key.
local core = require "host.core"
local db = require "host.core.db"
local clock = require "host.clock"
local who = require "host.who"

local M = {}
function M.write(what, subject, detail, words, person)
  core.only_running "host.audit"
  local id = db.id()
  db.run("INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", id, clock.now(),
    who.actor().login, what, subject, detail)
  if words and words ~= "" then
    local sealed = require("host.vault").seal("host_audit_words", "words_sealed", id, words, person or 0)
    db.run("INSERT INTO host_audit_words (audit_id, words_sealed) VALUES (?, ?)", id, sealed)
  end
end
return M
