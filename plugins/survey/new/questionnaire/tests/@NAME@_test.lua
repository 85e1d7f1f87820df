local survey = require "survey"

describe("the questionnaire", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("wang", { "specialist" })
  end)

  it("keeps an answer at once and tells an unhappy customer", function()
    local sheet = survey.start { questionnaire = "@NAME@", subject = { "visit", 1 } }
    survey.answer(sheet, "clean", 4)
    assert.is_true(survey.outcome(sheet).unhappy)
  end)

  it("refuses a rating that is none", function()
    local sheet = survey.start { questionnaire = "@NAME@", subject = { "visit", 1 } }
    assert.has_error(function() survey.answer(sheet, "clean", 11) end)
  end)
end)
