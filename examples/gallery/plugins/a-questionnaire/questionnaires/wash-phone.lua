-- A question that is asked only after another's answer, and a choice that makes the customer unhappy.
local q = require "survey.define"

local clean = q.rate "clean" { zh = "车洗得干净吗", en = "How clean was the car" }
local where = q.multi "where" {
  zh = "哪里没洗干净", en = "Where was it not clean", show_if = clean:le(6),
  options = { { "wheels", zh = "轮毂", en = "Wheels" }, { "glass", zh = "玻璃", en = "Glass" }, { "inside", zh = "内饰", en = "Inside" } },
}
local wait = q.choice "wait" {
  zh = "等了多久", en = "How long did you wait", bad = "long",
  options = { { "short", zh = "30 分钟以内", en = "Up to half an hour" }, { "long", zh = "超过一小时", en = "More than an hour" } },
}

return q.questionnaire "wash-phone" {
  version = "1.0.0", about = "visit", via = "phone",
  title = { zh = "洗车回访", en = "Car wash call" },
  q.section "wash" { title = { zh = "洗车", en = "Wash" }, clean, where, wait },
  q.unhappy { when = clean:le(5) | wait:is "long", serious = where:has "inside" & clean:le(3) },
  q.example { answers = { clean = 9, wait = "short" }, unhappy = false, hidden = { "where" } },
  q.example { answers = { clean = 6 }, unhappy = false, shown = { "where" } },
  q.example { answers = { clean = 3, where = { "inside" } }, unhappy = true, serious = true },
  q.example { answers = { clean = 9, wait = "long" }, unhappy = true, serious = false },
}
