-- The facts that exclusion rules may use: type, and what each means. One row of one query per visit (facts.lua); a fact nobody knows is missing, and a
-- condition on it is unknown, never true.
return {
  kind = { "text", zh = "维修类型，照工单原文", en = "Kind of job, as the work order says it" },
  plate = { "text", zh = "车牌", en = "Plate" },
  series = { "text", zh = "车系", en = "Series" },
  advisor = { "text", zh = "服务顾问", en = "Service advisor" },
  amount = { "number", zh = "结算金额（元）", en = "Amount settled (yuan)" },
  km = { "number", zh = "进厂里程", en = "Mileage" },
  owner_kind = { "text", zh = "车主性质：person 个人，company 单位", en = "Owner: person or company" },
  owner_name = { "text", zh = "车主", en = "Owner" },
  bringer_name = { "text", zh = "送修人", en = "Who brought the car" },
  picked_up = { "bool", zh = "车已取走", en = "The car has been picked up" },
  call_wanted = { "bool", zh = "工单上“是否三日电访”", en = "The order's own 'call after three days'" },
  no_call_reason = { "text", zh = "工单上的不回访原因", en = "The order's reason not to call" },
  no_call_flag = { "bool", zh = "车主、送修人或联系人要求过不再致电", en = "Owner, bringer or contact asked never to be called" },
  staff_car = { "bool", zh = "员工车辆（设置 staff_plates）", en = "A staff car (setting staff_plates)" },
  open_complaint = { "bool", zh = "这辆车有未结的不满意跟踪单", en = "An open tracking form concerns this car" },
  days_since_call = { "number", zh = "应回访日距上次与此人通话的天数（只看 30 天内）", en = "Days from the last talk with this person to the due day (last 30)" },
  days_since_task = { "number", zh = "距本车上一张已有回访任务的工单的天数", en = "Days since this car's earlier job that has a task" },
}

