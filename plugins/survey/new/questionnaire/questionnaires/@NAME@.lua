-- What is asked, in which order, and which answers make a customer unhappy. Save: the next opened call asks it.
local q = require "survey.define"

local clean = q.rate "clean" { zh = "车辆清洗得是否干净", en = "How clean the car was" }
local told = q.yesno "told" { bad = "no", zh = "交车时有没有讲解清楚", en = "Was everything explained at the hand-over" }
local missing = q.text "missing" { zh = "还有哪里没有讲清楚", en = "What was not explained", show_if = told:is "no" }

return q.questionnaire "@NAME@" {
  version = "0.1.0", about = "visit", via = "phone",
  title = { zh = "@NAME@", en = "@NAME@" },
  intro = { zh = "您好，我是{store}的{caller}。", en = "Hello, this is {caller} from {store}." },

  q.section "handover" {
    title = { zh = "交车", en = "Hand-over" },
    clean, told, missing,
  },

  q.unhappy { when = clean:le(5) | told:is "no", serious = clean:le(2) },

  -- Checked each time the file is loaded: a rule that says something else than you think never gets into force.
  q.example { answers = { clean = 9, told = "yes" }, unhappy = false, hidden = { "missing" } },
  q.example { answers = { clean = 5, told = "yes" }, unhappy = true, serious = false },
  q.example { answers = { clean = 9, told = "no" }, unhappy = true, shown = { "missing" } },
}
