return {
  id = "an-amendment",
  version = "1.0.0",
  title = { zh = "改别人的问卷", en = "Amending somebody's questionnaire" },
  needs = { ["a-questionnaire"] = ">=1.0", survey = ">=1.0" },
}
