return {
  id = "an-exclusion",
  version = "1.0.0",
  title = { zh = "一套不回访规则", en = "Exclusion rules" },
  needs = { callback = ">=1.0" },
}
