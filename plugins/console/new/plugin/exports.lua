-- What other plugins may call: needs = { ["@NAME@"] = ">=0.1" } in their plugin.lua, then require "@NAME@".add(...)
local notes = require "@NAME@.notes"

return { add = notes.add, list = notes.list }
