-- What can come out of a call (N1). `order` is the place of the button.
local e = require "callback.define"

return {
  -- Reached, questionnaire finished: the page offers one button, what the sheet and the severity rules say decides among these.
  e.result "OK_SAT" { zh = "完成，满意", en = "Finished, satisfied", group = "reached", next = "close", success = true, finish = true, order = 1 },
  e.result "OK_DIS_FAQ" { zh = "不满意，电话中已解答", en = "Unhappy, solved on the phone", group = "reached", next = "close", success = true,
                         finish = true, unhappy = "faq", order = 2 },
  e.result "OK_DIS_MINOR" { zh = "不满意，一般问题", en = "Unhappy, minor", group = "reached", next = "close", success = true, finish = true,
                           unhappy = "minor", order = 3 },
  e.result "OK_DIS_SERIOUS" { zh = "不满意，严重，已开跟踪单", en = "Unhappy, serious, tracking form opened", group = "reached", next = "close",
                             success = true, finish = true, unhappy = "serious", order = 4 },
  e.result "COMPLAINT" { zh = "正式投诉，已开跟踪单", en = "Formal complaint, tracking form opened", group = "reached", next = "close", success = true,
                        finish = true, unhappy = "serious", order = 5 },
  -- Reached, but no questionnaire to the end.
  e.result "PARTIAL" { zh = "中途挂断", en = "Hung up midway", group = "reached", next = "close", success = true, half = true, order = 10,
                      hint = { zh = "已答过半才算；回答保留", en = "Only with half of it answered; answers are kept" } },
  e.result "LATER" { zh = "改约时间", en = "Another time", group = "reached", next = "promise", order = 11,
                    hint = { zh = "不占用尝试次数", en = "Does not use an attempt" } },
  e.result "REFUSED" { zh = "拒绝回访", en = "Refused", group = "reached", next = "close", order = 12 },
  e.result "NEVER" { zh = "要求不再致电", en = "Never call again", group = "reached", next = "close", no_call = true, order = 13,
                    hint = { zh = "以后所有回访都不再打给此人", en = "This person is not called again by anyone" } },
  e.result "NOT_DRIVER" { zh = "接听人不是用车人", en = "Not the driver", group = "reached", next = "person", order = 14,
                         hint = { zh = "请问到用车人的号码，记为新号码后继续", en = "Ask for the driver's number, add it and go on" } },
  -- Not reached: uses an attempt.
  e.result "NO_ANSWER" { zh = "无人接听", en = "No answer", group = "not_reached", next = "retry", counts = true, order = 20 },
  e.result "BUSY" { zh = "占线", en = "Busy", group = "not_reached", next = "retry", counts = true, order = 21 },
  e.result "OFF" { zh = "关机", en = "Switched off", group = "not_reached", next = "retry", counts = true, order = 22 },
  e.result "OUT_OF_AREA" { zh = "不在服务区", en = "Out of area", group = "not_reached", next = "retry", counts = true, order = 23 },
  -- Bad number: the next number of the three people, else the contact-data list at once.
  e.result "EMPTY_NO" { zh = "空号", en = "No such number", group = "invalid", next = "contact_fix", bad_phone = true, order = 30 },
  e.result "WRONG_PERSON" { zh = "打错了，不是本人", en = "Wrong person", group = "invalid", next = "contact_fix", bad_phone = true, order = 31 },
  e.result "STOPPED" { zh = "停机", en = "Out of service", group = "invalid", next = "contact_fix", bad_phone = true, order = 32 },
  -- Written by the contact-data list, when the advisor has no other number either.
  e.result "UNREACHABLE" { zh = "联系不上", en = "Cannot be reached", group = "invalid", next = "close", system = true, order = 40 },
}
