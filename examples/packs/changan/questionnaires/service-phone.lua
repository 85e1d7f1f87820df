-- 客服-04: after-service call, three days after the car was taken home. Eighteen topics in five sections, then the customer's own words.
local q = require "survey.define"

-- 1 Station environment
local tidy = q.rate "env_tidy" { zh = "店面和车间的整洁程度", en = "How tidy the station and the workshop were" }
local hours = q.rate "env_hours" { zh = "营业时间是否方便您", en = "How well our opening hours suit you" }
local rest = q.rate "env_rest" { zh = "客户休息区的舒适程度", en = "How comfortable the rest area was" }

-- 2 Service process
local received = q.yesno "received" { bad = "no", zh = "到店后有没有人马上接待您", en = "Was somebody there for you as soon as you arrived" }
local attitude = q.rate "attitude" { zh = "接待人员的态度", en = "The attitude of the person who received you" }
local expertise = q.rate "expertise" { zh = "接待人员的专业程度", en = "How well that person knew the job" }
local booked = q.yesno "booked" { zh = "这次是不是提前预约的", en = "Had you made an appointment this time",
                                 hint = { zh = "没有预约就不问预约安排", en = "Without an appointment its arrangement is not asked" } }
local booking = q.rate "booking" { zh = "预约时间安排得是否合理", en = "How sensibly the appointment was arranged",
                                  show_if = booked:is "yes" }
local waiting = q.rate "waiting" { zh = "等待期间的服务", en = "How you were looked after while waiting" }
local handover = q.rate "handover" { zh = "完工后的验车、交车和结算", en = "Final check, hand-over and payment" }
local followed = q.yesno "followed" { bad = "no", zh = "以前在我们店修完车，有没有接到过回访",
                                     en = "After earlier visits, did we call you to ask how it went" }

-- 3 Repair quality
local diagnosis = q.rate "diagnosis" { zh = "故障判断是否准确", en = "How rightly the fault was found" }
local solved = q.yesno "solved" { bad = "no", zh = "您提出的问题是不是都解决了", en = "Was everything you had asked for put right" }
local unsolved = q.text "unsolved" { zh = "还有哪些没有解决", en = "What is not put right yet", show_if = solved:is "no" }
local technician = q.rate "technician" { zh = "维修技师的态度", en = "The attitude of the technicians" }

-- 4 Charges
local labour = q.rate "labour" { zh = "工时费是否合理", en = "How fair the labour price was" }
local parts = q.rate "parts" { zh = "配件价格是否合理", en = "How fair the price of parts was" }
local clear = q.rate "clear" { zh = "收费项目讲解得是否清楚", en = "How clearly the bill was explained" }

-- 5 Timeliness
local start = q.rate "start" { zh = "登记后开工是否及时", en = "How soon work began after you had registered" }
local duration = q.rate "duration" { zh = "维修所用的时间", en = "The time the work took" }
local slow = q.multi "slow" {
  zh = "主要慢在哪一步", en = "Where the time was lost", show_if = duration:le(6),
  options = {
    { "queue", zh = "排队等工位", en = "Waiting for a bay" },
    { "parts", zh = "等配件", en = "Waiting for parts" },
    { "rework", zh = "没修好又返工", en = "Done twice" },
    { "settle", zh = "结算、交车慢", en = "Payment and hand-over" },
    { "other", zh = "其他", en = "Something else" },
  },
}

local rated = { tidy, hours, rest, attitude, expertise, booking, waiting, handover, diagnosis, technician, labour, parts, clear, start, duration }

local function any_at_most(limit)
  local p = rated[1]:le(limit)
  for i = 2, #rated do p = p | rated[i]:le(limit) end
  return p
end

-- 6 The customer's own words
local manager = q.yesno "manager" { bad = "yes", zh = "需要请经理直接跟您联系吗", en = "Would you like the manager to call you",
                                   show_if = any_at_most(5) | solved:is "no" | received:is "no" }
local remark = q.text "remark" { zh = "对我们还有什么建议", en = "What else should we do better" }

return q.questionnaire "service-phone" {
  version = "1.0.0", about = "visit", via = "phone",
  title = { zh = "售后电话回访（客服-04）", en = "After-service call (form 04)" },
  intro = {
    zh = "您好，我是{store}的客服专员{caller}，请问是{customer}吗？您的车{plate}前几天在我们店做过{work}，想了解一下您用车的情况。",
    en = "Hello, this is {caller} from {store}. Am I speaking with {customer}? Your car {plate} was with us for {work}; I would like to hear how it is.",
  },
  consent = {
    zh = "大概占用您两三分钟，现在方便吗？",
    en = "It takes two or three minutes. Is now a good time?",
  },
  closing = {
    zh = "谢谢您的意见，我都记下来了。下次保养到期前我们会提前提醒您，祝您用车愉快，再见！",
    en = "Thank you, I have written it all down. We will remind you before the next service is due. Drive safely, goodbye!",
  },
  branches = {
    busy = {
      zh = "不好意思打扰了。您看什么时候方便？我到时候再打给您。（按 t 记下时间）",
      en = "Sorry to disturb you. When would suit you better? I will call again then. (press t and note the time)",
    },
    refuse = {
      zh = "好的，不打扰您了。用车有任何问题，随时打我们店里的电话。再见！",
      en = "Of course, I will not keep you. Call us any time about your car. Goodbye!",
    },
    unhappy = {
      zh = "非常抱歉让您有这样的感受。我先把情况记清楚：是什么时候、哪一步让您不满意？我们会尽快给您答复。（不解释、不争辩，原话记下）",
      en = "I am very sorry to hear that. Let me note it properly: when was it, and what went wrong? You will have an answer soon. (do not argue; write the words down)",
    },
    not_driver = {
      zh = "请问平时是哪位在用这辆车、是哪位送来的？方便留一下他的电话吗？",
      en = "May I ask who drives the car, and who brought it in? Could you give me that number?",
    },
  },

  q.section "environment" {
    title = { zh = "店面环境", en = "Station environment" }, weight = 15,
    script = { zh = "先问问您到店的印象，1 到 10 分，10 分最满意。", en = "First your impression of the station, from 1 to 10, 10 being best." },
    tidy, hours, rest,
  },
  q.section "process" {
    title = { zh = "服务过程", en = "Service process" }, weight = 30,
    script = { zh = "接下来是接待和交车的过程。", en = "Now how you were received and how the car was handed back." },
    received, attitude, expertise, booked, booking, waiting, handover, followed,
  },
  q.section "quality" {
    title = { zh = "维修质量", en = "Repair quality" }, weight = 30,
    script = { zh = "车开回去这几天怎么样？", en = "How has the car been since then?" },
    diagnosis, solved, unsolved, technician,
  },
  q.section "charges" {
    title = { zh = "收费", en = "Charges" }, weight = 15,
    script = { zh = "费用方面您觉得怎么样？", en = "What about the price?" },
    labour, parts, clear,
  },
  q.section "timeliness" {
    title = { zh = "及时性", en = "Timeliness" }, weight = 10,
    script = { zh = "最后是时间。", en = "Last, the time it took." },
    start, duration, slow,
  },
  q.section "words" {
    title = { zh = "客户的话", en = "In the customer's words" },
    script = { zh = "还有什么想对我们说的吗？", en = "Is there anything else you would like to tell us?" },
    manager, remark,
  },

  q.unhappy {
    when = any_at_most(5) | solved:is "no" | received:is "no",
    serious = any_at_most(2) | manager:is "yes",
  },

  q.example {
    answers = { env_tidy = 8, env_hours = 9, env_rest = 8, attitude = 9, expertise = 9, waiting = 8, handover = 9, diagnosis = 9, technician = 9,
                labour = 8, parts = 8, clear = 8, start = 8, duration = 8, received = "yes", booked = "no", solved = "yes", followed = "yes" },
    unhappy = false, serious = false, score = 8.575, shown = { "remark" }, hidden = { "booking", "unsolved", "slow", "manager" },
  },
  q.example {
    answers = { env_tidy = 8, duration = 4, slow = { "parts" }, manager = "no" },
    unhappy = true, serious = false, score = 6.4, shown = { "slow", "manager" },
  },
  q.example { answers = { solved = "no", unsolved = "空调还是不凉" }, unhappy = true, serious = false, shown = { "unsolved", "manager" } },
  q.example { answers = { attitude = 2 }, unhappy = true, serious = true },
  q.example { answers = { duration = 5, manager = "yes" }, unhappy = true, serious = true },
  q.example { answers = { remark = "很好" }, unhappy = false },
}
