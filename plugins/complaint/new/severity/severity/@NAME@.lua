-- The worst level of all rules that are true counts. In force when site.lua says: settings = { complaint = { severity = "@NAME@" } }.
local s = require "complaint.define"
local c = s.facts "complaint"

return s.severity "@NAME@" {
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },

  s.rule "safety" {
    when = c.text:matches "刹车|制动|转向|起火|冒烟", level = "serious",
    because = { zh = "涉及行车安全", en = "Touches driving safety" },
  },
  s.rule "low-score" {
    when = c.lowest_score:le(2), level = "serious",
    because = { zh = "有评分在 2 分及以下", en = "A score of 2 or less" },
  },
  s.otherwise { level = "minor", because = { zh = "一般问题", en = "An ordinary problem" } },

  -- Checked each time the file is loaded.
  s.example { { text = "刹车失灵" }, level = "serious", rule = "safety" },
  s.example { { text = "等太久", lowest_score = 2 }, level = "serious", rule = "low-score" },
  s.example { { text = "等太久", lowest_score = 3 }, level = "minor" },
}
