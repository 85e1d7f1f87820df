-- host.audit: rows are written plain in the running transaction. What a person typed is no part of them: a row is chained and stays
-- for ever, words about somebody are sealed for him and end with his key.
local core = require "host.core"
local db = require "host.core.db"
local clock = require "host.clock"
local who = require "host.who"

local M = {}

local function row(id, what, subject, detail)
  db.run("INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", id, clock.now(),
    who.actor().login, what, subject, detail)
end

function M.write(what, subject, detail, words, person)
  core.only_running "host.audit"
  local id = db.id()
  if not words or words == "" then return row(id, what, subject, detail) end
  -- first, because it may fail (he was erased): then nothing was done that a row could tell of
  local sealed = require("host.vault").seal("host_audit_words", "words_sealed", id, words, person or 0)
  db.tx(function()
    row(id, what, subject, detail)
    db.run("INSERT INTO host_audit_words (audit_id, words_sealed) VALUES (?, ?)", id, sealed)
  end)
end
return M
