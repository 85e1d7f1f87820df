-- Source: 国务院办公厅关于2025年部分节假日安排的通知
-- State Council, notice on the arrangement of holidays 2025 (12 November 2024).
local define = require "host.define"
local days = require "calendar-cn.days"

return define.new("calendars", "cn-2025", {
  year = 2025,
  off = days.spans {
    { "2025-01-01", "2025-01-01" },
    { "2025-01-28", "2025-02-04" },
    { "2025-04-04", "2025-04-06" },
    { "2025-05-01", "2025-05-05" },
    { "2025-05-31", "2025-06-02" },
    { "2025-10-01", "2025-10-08" },
  },
  work = { "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11" },
  names = {
    ["2025-01-01"] = { zh = "元旦", en = "New Year" },
    ["2025-01-29"] = { zh = "春节", en = "Spring Festival" },
    ["2025-04-04"] = { zh = "清明节", en = "Qingming" },
    ["2025-05-01"] = { zh = "劳动节", en = "Labour Day" },
    ["2025-05-31"] = { zh = "端午节", en = "Dragon Boat Festival" },
    ["2025-10-01"] = { zh = "国庆节", en = "National Day" },
    ["2025-10-06"] = { zh = "中秋节", en = "Mid-Autumn Festival" },
  },
})
