return {
  id = "a-page",
  version = "1.0.0",
  title = { zh = "一个页面", en = "A page" },
  uses = { "host.db" },
}
