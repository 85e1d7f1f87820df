return {
  id = "a-point",
  version = "1.0.0",
  title = { zh = "开放一个扩展点", en = "Opening a point" },
  opens = { greetings = { zh = "问候语", en = "greetings" } },
}
