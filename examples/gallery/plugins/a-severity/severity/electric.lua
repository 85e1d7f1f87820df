-- For a house that sells electric cars: battery and charging are grave. In force because site.lua says settings.complaint.severity = "electric".
local s = require "complaint.define"
local c = s.facts "complaint"

return s.severity "electric" {
  version = "1.0.0",
  title = { zh = "新能源车", en = "Electric cars" },
  s.rule "battery" {
    when = c.text:matches "电池|高压|起火|冒烟", level = "serious",
    because = { zh = "涉及高压电池", en = "Touches the high-voltage battery" },
  },
  s.rule "range" {
    when = c.text:matches "续航|充不满|掉电" & c.same_matter_count:ge(2), level = "serious",
    because = { zh = "续航问题第二次出现", en = "Second time that the range is short" },
  },
  s.otherwise { level = "minor", because = { zh = "一般问题", en = "An ordinary problem" } },
  s.example { { text = "电池有异味" }, level = "serious", rule = "battery" },
  s.example { { text = "续航变短", same_matter_count = 1 }, level = "minor" },
  s.example { { text = "续航变短", same_matter_count = 2 }, level = "serious", rule = "range" },
}
