-- The days off and the make-up days of one year, after the notice of the State Council. A year stands in one calendar only.
local define = require "host.define"

return define.new("calendars", "@NAME@", {
  year = 2028,
  off = { "2028-01-01", "2028-01-03" },
  work = { "2028-01-08" },
  names = { ["2028-01-01"] = { zh = "元旦", en = "New Year" } },
})
