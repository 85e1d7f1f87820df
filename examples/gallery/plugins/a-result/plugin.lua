return {
  id = "a-result",
  version = "1.0.0",
  title = { zh = "一种通话结果", en = "A call result" },
  needs = { callback = ">=1.0" },
}
