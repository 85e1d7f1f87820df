return {
  id = "play",
  version = "1.0.0",
  title = { zh = "示例站点的历史", en = "The example's history" },
  uses = { "host.db" },
  needs = { archive = ">=1.0", survey = ">=1.0", callback = ">=1.0", complaint = ">=1.0" },
}
