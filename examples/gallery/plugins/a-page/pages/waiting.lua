-- A page is a route, who may open it, and a function that gives its template data. The template has no logic.
local clock = require "host.clock"
local db = require "host.db"
local page = require "host.page"

return page "GET /waiting-cars" {
  who = { "advisor", "supervisor" },
  template = "waiting.html",
  title = { zh = "未取车", en = "Waiting cars" },
  menu = { zh = "未取车", en = "Waiting cars", icon = "car", order = 910 },
  function()
    local rows = db.all "SELECT order_no, settled_on FROM archive_visit WHERE picked_up_on IS NULL AND settled_on IS NOT NULL ORDER BY settled_on, order_no"
    for _, row in ipairs(rows) do row.days = clock.days_between(row.settled_on, clock.today()) end
    return { rows = rows, none = #rows == 0 }
  end,
}
