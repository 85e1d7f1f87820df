-- Source: 全国年节及纪念日放假办法
-- Only the statutory days of the regulation on public holidays: the yearly notice, which alone moves weekends, is not out yet.
-- `provisional` makes every deadline that is reckoned over this year say so. Replace this file when the notice appears.
local define = require "host.define"
local days = require "calendar-cn.days"

return define.new("calendars", "cn-2027", {
  year = 2027,
  provisional = true,
  off = days.spans {
    { "2027-01-01", "2027-01-01" },
    { "2027-02-05", "2027-02-08" },
    { "2027-04-05", "2027-04-05" },
    { "2027-05-01", "2027-05-02" },
    { "2027-06-09", "2027-06-09" },
    { "2027-09-15", "2027-09-15" },
    { "2027-10-01", "2027-10-03" },
  },
  work = require("host.json").array {},
  names = {
    ["2027-01-01"] = { zh = "元旦", en = "New Year" },
    ["2027-02-06"] = { zh = "春节", en = "Spring Festival" },
    ["2027-04-05"] = { zh = "清明节", en = "Qingming" },
    ["2027-05-01"] = { zh = "劳动节", en = "Labour Day" },
    ["2027-06-09"] = { zh = "端午节", en = "Dragon Boat Festival" },
    ["2027-09-15"] = { zh = "中秋节", en = "Mid-Autumn Festival" },
    ["2027-10-01"] = { zh = "国庆节", en = "National Day" },
  },
})
