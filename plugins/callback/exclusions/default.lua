-- Who is not called (N1 EXCLUDED). The first rule that is true decides. A dealership that sees it otherwise writes a set named after the
-- questionnaire in its own plugin.
local e = require "callback.define"
local v = e.facts "visit"

local NEVER_CALLED_KINDS = "(?i)PDI|新车(检查|整备)|内部|内返|自用车|试驾车|返工|返修|二网|二级网点|经销商|批售|调拨|internal|rework"

return e.exclusions "default" {
  version = "1.0.0",
  title = { zh = "默认不回访规则", en = "Default exclusions" },

  e.rule "job-kind" {
    when = v.kind:matches(NEVER_CALLED_KINDS), kind = "no_call", detail = "kind",
    because = { zh = "这类工单不回访", en = "This kind of job is not called" },
  },
  e.rule "dealer-sale" {
    when = v.owner_name:matches "二网|二级网点|经销商|汽车销售", kind = "no_call",
    because = { zh = "车辆属于经销商", en = "The car belongs to a dealer" },
  },
  e.rule "staff-car" {
    when = v.staff_car:is(true), kind = "no_call",
    because = { zh = "员工车辆", en = "Staff car" },
  },
  e.rule "never-call" {
    when = v.no_call_flag:is(true), kind = "no_call",
    because = { zh = "客户要求不再致电", en = "The customer asked never to be called" },
  },
  e.rule "order-reason" {
    when = v.no_call_reason:answered(), kind = "no_call", detail = "no_call_reason",
    because = { zh = "工单注明不回访", en = "The work order says not to call" },
  },
  e.rule "order-flag" {
    when = v.call_wanted:is(false), kind = "no_call",
    because = { zh = "工单“是否三日电访”为否", en = "The work order's call-after-three-days is no" },
  },
  e.rule "repeat" {
    when = v.days_since_task:le(7), kind = "repeat",
    because = { zh = "同一辆车 7 天内已有回访任务（重复台次）", en = "This car had a job with a task within 7 days (repeat)" },
  },
  e.rule "open-complaint" {
    when = v.open_complaint:is(true), kind = "no_call",
    because = { zh = "这辆车的不满意问题还在处理，由跟踪单回访", en = "A complaint about this car is open; its second call covers it" },
  },
  e.rule "called-lately" {
    when = v.days_since_call:lt(3), kind = "no_call",
    because = { zh = "3 天内刚与此人通过话", en = "This person was talked to less than 3 days ago" },
  },
  e.otherwise { because = { zh = "交车已满回访天数", en = "The days after pick-up have passed" } },

  e.example { { kind = "PDI检查" }, rule = "job-kind" },
  e.example { { kind = "返工" }, rule = "job-kind" },
  e.example { { kind = "定期保养" }, rule = "otherwise" },
  e.example { {}, rule = "otherwise" },
  e.example { { kind = "事故", no_call_reason = "客户拒访", call_wanted = false }, rule = "order-reason" },
  e.example { { kind = "保养", call_wanted = false }, rule = "order-flag" },
  e.example { { kind = "保养", days_since_task = 7 }, rule = "repeat" },
  e.example { { kind = "保养", days_since_task = 8 }, rule = "otherwise" },
  e.example { { kind = "保养", days_since_call = 3 }, rule = "otherwise" },
  e.example { { kind = "保养", owner_name = "重庆某汽车销售有限公司" }, rule = "dealer-sale" },
}
