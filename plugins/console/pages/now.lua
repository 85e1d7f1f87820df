-- The menu with fresh numbers, fetched by app.js while somebody works.
local page = require "host.page"
local menu = require "console.menu"

return page "GET /now" {
  who = "user",
  params = { at = "string:256" },
  template = "now.html",
  frame = false,
  function(req)
    return { groups = menu.groups(req.params.at or "/") }
  end,
}
