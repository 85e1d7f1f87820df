-- Named like the questionnaire wash-phone, so it decides for that one alone: companies' cars are not called, nor are small bills.
local e = require "callback.define"
local v = e.facts "visit"

return e.exclusions "wash-phone" {
  version = "1.0.0",
  title = { zh = "洗车回访的范围", en = "Whom the car wash call is for" },
  e.rule "company" {
    when = v.owner_kind:is "company", kind = "no_call",
    because = { zh = "单位车辆由大客户经理联系", en = "Companies are spoken to by their account manager" },
  },
  e.rule "small" {
    when = v.amount:lt(100) & ~v.kind:matches "洗车", kind = "no_call", detail = "amount",
    because = { zh = "金额低于 100 元", en = "Below 100 yuan" },
  },
  e.otherwise { because = { zh = "洗车满意度回访", en = "Asked about the car wash" } },
  e.example { { owner_kind = "company", amount = 900 }, rule = "company" },
  e.example { { amount = 60, kind = "保养" }, rule = "small" },
  e.example { { amount = 60, kind = "洗车" }, rule = "otherwise" },
  e.example { { kind = "保养" }, rule = "otherwise" }, -- an amount nobody knows is not below 100
}
