-- The work orders of a day. Reading another plugin's tables is free; writing goes through its exports.
local clock = require "host.clock"
local db = require "host.db"
local page = require "host.page"

return page "GET /@NAME@" {
  who = { "supervisor", "advisor", "it" },
  params = { day = "day" },
  template = "@NAME@.html",
  title = { zh = "@NAME@", en = "@NAME@" },
  menu = { zh = "@NAME@", en = "@NAME@", icon = "list", order = 900 },
  function(req)
    local day = req.params.day or clock.today()
    local rows = db.all("SELECT order_no, COALESCE(advisor, '') AS advisor FROM archive_visit WHERE settled_on = ? ORDER BY order_no", day)
    return { day = day, rows = rows, none = #rows == 0 }
  end,
}
