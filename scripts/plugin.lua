return {
  id = "scripts",
  version = "1.0.0",
  title = { zh = "日常脚本", en = "Operators' scripts" },
  point = "scripts",
  uses = { "host.csv", "host.file", "host.progress", "host.plugins" },
  needs = { archive = ">=1.0", callback = ">=1.0" },
}
