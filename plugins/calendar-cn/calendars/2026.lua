-- Source: 国务院办公厅关于2026年部分节假日安排的通知
-- State Council, notice on the arrangement of holidays 2026 (4 November 2025).
local define = require "host.define"
local days = require "calendar-cn.days"

return define.new("calendars", "cn-2026", {
  year = 2026,
  off = days.spans {
    { "2026-01-01", "2026-01-03" },
    { "2026-02-15", "2026-02-23" },
    { "2026-04-04", "2026-04-06" },
    { "2026-05-01", "2026-05-05" },
    { "2026-06-19", "2026-06-21" },
    { "2026-09-25", "2026-09-27" },
    { "2026-10-01", "2026-10-07" },
  },
  work = { "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10" },
  names = {
    ["2026-01-01"] = { zh = "元旦", en = "New Year" },
    ["2026-02-17"] = { zh = "春节", en = "Spring Festival" },
    ["2026-04-05"] = { zh = "清明节", en = "Qingming" },
    ["2026-05-01"] = { zh = "劳动节", en = "Labour Day" },
    ["2026-06-19"] = { zh = "端午节", en = "Dragon Boat Festival" },
    ["2026-09-25"] = { zh = "中秋节", en = "Mid-Autumn Festival" },
    ["2026-10-01"] = { zh = "国庆节", en = "National Day" },
  },
})
