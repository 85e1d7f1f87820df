local survey = require "survey"

it("asks where only of who was not pleased", function()
  test.now "2026-11-21T09:00"
  test.as("wang", { "specialist" })
  local sheet = survey.start { questionnaire = "wash-phone", subject = { "visit", 1 } }
  survey.answer(sheet, "clean", 3)
  survey.answer(sheet, "where", { "inside" })
  assert.is_true(survey.outcome(sheet).serious)
  survey.answer(sheet, "clean", 9)
  assert.is_false(survey.outcome(sheet).serious, "what is hidden does not count")
end)
