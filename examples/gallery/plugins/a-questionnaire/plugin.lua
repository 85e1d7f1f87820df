return {
  id = "a-questionnaire",
  version = "1.0.0",
  title = { zh = "一份问卷", en = "A questionnaire" },
  needs = { survey = ">=1.0" },
}
