-- When is an unhappy customer a serious case: safety, injury, media or authority, third time on one matter, a score of 2 or less, a manager
-- asked for, another department, or the questionnaire says so. A false alarm costs a director two minutes; a missed one costs a customer.
local s = require "complaint.define"
local c = s.facts "complaint"

local SAFETY = table.concat({
  "(刹车|制动).{0,6}(失灵|失效|没有?反应|没了|刹不住|踩不动|变软|发软)", "刹不住车?",
  "(转向|方向盘?).{0,6}(失灵|失效|卡死|锁死|打不动)", "自燃|起火|着火|冒烟|冒火", "(安全)?气囊",
  "安全带.{0,6}(失效|弹不|坏|锁不)", "失控|行驶中?.{0,6}熄火|高速.{0,6}(熄火|失去动力)|掉轮|爆胎|漏油.{0,6}(着|火)",
  "(?i:brake(s)? (fail|do not|don't|did not)|airbag|caught fire|smok(e|ing)|steering (fail|lock))",
}, "|")
local INJURY = "受伤|伤人|骨折|住院|送医|流血|人身(伤害|安全)|死亡|(?i:injur(y|ed)|hospital)"
local OUTSIDE = table.concat({
  "媒体|记者|电视台|报社|曝光|上热搜|抖音|小红书|微博|发(朋友圈|网上)|车质网|12315|12345|消协|消费者协会",
  "市场监管|工商局|律师|起诉|法院|打官司|报警|聚众|堵门|拉横幅|厂家(投诉|热线)|投诉到?厂家",
  "(?i:lawyer|sue|journalist|newspaper|consumer association)",
}, "|")
local MANAGER = "(找|叫|见|要求|让|请).{0,6}(经理|领导|总监|店长|老板|负责人)|(?i:(speak|talk) to (the|a|your) manager)"

return s.severity "default" {
  version = "1.0.0",
  title = { zh = "默认严重程度规则", en = "Default severity rules" },

  s.rule "safety" {
    when = c.text:matches(SAFETY), level = "serious",
    because = { zh = "涉及行车安全", en = "Touches driving safety" },
  },
  s.rule "injury" {
    when = c.text:matches(INJURY), level = "serious",
    because = { zh = "有人受伤", en = "Somebody was hurt" },
  },
  s.rule "media-or-authority" {
    when = c.text:matches(OUTSIDE), level = "serious",
    because = { zh = "提到媒体、监管部门或法律途径", en = "Media, an authority or a court is named" },
  },
  s.rule "third-time" {
    when = c.same_matter_count:ge(3) | c.text:matches "第[三四五六七八九十3-9]次", level = "serious",
    because = { zh = "同一问题第三次出现", en = "Third time on one matter" },
  },
  s.rule "lowest-score" {
    when = c.lowest_score:le(2), level = "serious",
    because = { zh = "有评分在 2 分及以下", en = "A score of 2 or less" },
  },
  s.rule "asks-manager" {
    when = c.asked_manager:is(true) | c.text:matches(MANAGER), level = "serious",
    because = { zh = "客户要求找负责人", en = "The customer asks for a manager" },
  },
  s.rule "other-department" {
    when = c.department:isnt "service", level = "serious",
    because = { zh = "责任在其他部门", en = "It concerns another department" },
  },
  s.rule "questionnaire" {
    when = c.survey_serious:is(true), level = "serious",
    because = { zh = "问卷判定为严重", en = "The questionnaire calls it serious" },
  },
  s.otherwise {
    level = "minor",
    because = { zh = "售后的一般问题", en = "An ordinary after-sales problem" },
  },

  s.example { { text = "刹车突然失灵了", department = "service" }, level = "serious", rule = "safety" },
  s.example { { text = "刹车片换得有点贵", department = "service" }, level = "minor" },
  s.example { { text = "再不解决我就打12315", department = "service" }, level = "serious", rule = "media-or-authority" },
  s.example { { text = "等了太久", department = "service", lowest_score = 2 }, level = "serious", rule = "lowest-score" },
  s.example { { text = "等了太久", department = "service", lowest_score = 3 }, level = "minor" },
  s.example { { text = "空调还是不凉", department = "service", same_matter_count = 3 }, level = "serious", rule = "third-time" },
  s.example { { text = "换了机油还是异响，第三次了", department = "service" }, level = "serious", rule = "third-time" },
  s.example { { text = "叫你们经理来跟我说", department = "service" }, level = "serious", rule = "asks-manager" },
  s.example { { text = "保险返利没到账", department = "sales" }, level = "serious", rule = "other-department" },
}
