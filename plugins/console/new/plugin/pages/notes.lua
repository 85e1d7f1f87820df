local clock = require "host.clock"
local page = require "host.page"
local notes = require "@NAME@.notes"

local WHO = { "specialist", "supervisor", "it" }

return {
  page "GET /@NAME@" {
    who = WHO, template = "notes.html", title = { zh = "@NAME@", en = "@NAME@" },
    menu = { zh = "@NAME@", en = "@NAME@", icon = "notes", order = 900 },
    function()
      local list = notes.list()
      for _, note in ipairs(list) do
        local day, time = clock.split(note.made_at)
        note.at = day .. " " .. time
      end
      return { notes = list, none = #list == 0 }
    end,
  },
  page "POST /@NAME@" {
    who = WHO, params = { words = "string:200!" },
    function(req)
      notes.add(req.params.words)
      return page.redirect "/@NAME@"
    end,
  },
}
