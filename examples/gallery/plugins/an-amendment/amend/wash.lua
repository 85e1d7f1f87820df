-- The maker's questionnaire stays as it is, and so does his next version; this house words one question its own way and asks one more.
local amend = require "host.amend"
local q = require "survey.define"

return amend "questionnaires/wash-phone" {
  set = { ["sections.wash.items.clean.title.zh"] = "您觉得车洗得怎么样" },
  insert = { { into = "sections.wash.items", after = "clean", value = q.rate "smell" { zh = "车内气味", en = "How it smelled inside" } } },
  about = { zh = "本店的说法", en = "In this house's words" },
}
