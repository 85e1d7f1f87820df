return {
  id = "a-script",
  version = "1.0.0",
  title = { zh = "一个脚本", en = "A script" },
  uses = { "host.db", "host.csv", "host.file" },
}
