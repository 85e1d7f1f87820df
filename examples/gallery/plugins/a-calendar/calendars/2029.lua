-- A year in which the house also closes for its yearly inspection. Written before the State Council's notice; mended when it comes.
local define = require "host.define"

return define.new("calendars", "house-2029", {
  year = 2029,
  off = { "2029-01-01", "2029-06-28", "2029-06-29" },
  work = { "2029-06-30" },
  names = {
    ["2029-01-01"] = { zh = "元旦", en = "New Year" },
    ["2029-06-28"] = { zh = "年度设备检修", en = "Yearly inspection" },
  },
})
