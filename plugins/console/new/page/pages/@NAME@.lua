-- The work orders of a day. Reading another plugin's tables is free; writing goes through its exports.
local clock = require "host.clock"
local db = require "host.db"
local page = require "host.page"

-- What the page says. A plugin of several pages keeps its texts in locale/zh.lua and locale/en.lua: {{t:key}}.
local words = {
  title = { zh = "当天结算的工单", en = "Work orders settled on a day" },
  day = { zh = "日期", en = "Day" },
  show = { zh = "查看", en = "Show" },
  none = { zh = "这一天没有结算的工单。", en = "No work order was settled on this day." },
}

return page "GET /@NAME@" {
  who = { "supervisor", "advisor", "it" },
  params = { day = "day" },
  template = "@NAME@.html",
  title = { zh = "@NAME@", en = "@NAME@" },
  menu = { zh = "@NAME@", en = "@NAME@", icon = "list", order = 900 },
  function(req)
    local day = req.params.day or clock.today()
    local rows = db.all("SELECT order_no, COALESCE(advisor, '') AS advisor FROM archive_visit WHERE settled_on = ? ORDER BY order_no", day)
    return { words = words, day = day, rows = rows, none = #rows == 0 }
  end,
}
