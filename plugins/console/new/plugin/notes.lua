-- The notes of this plugin. A module: require "@NAME@.notes" from inside the plugin.
local db = require "host.db"
local audit = require "host.audit"
local clock = require "host.clock"
local settings = require "host.settings"
local text = require "host.text"
local who = require "host.who"

local M = {}

function M.add(words)
  words = text.clean(words or "")
  -- An error with both languages is for the person in front of the screen.
  if words == "" then error({ zh = "请写点什么", en = "Write something" }, 0) end
  local id = db.id()
  db.run("INSERT INTO @NAME_@_note (id, words, made_by, made_at) VALUES (?, ?, ?, ?)", id, words, who.actor().login, clock.now())
  audit.write("@NAME@.note", "note:" .. id)
  return id
end

function M.list()
  return db.all("SELECT id, words, made_by, made_at FROM @NAME_@_note ORDER BY made_at DESC, id DESC LIMIT ?", settings.get().shown)
end

return M
