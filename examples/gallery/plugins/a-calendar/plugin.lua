return {
  id = "a-calendar",
  version = "1.0.0",
  title = { zh = "一年的节假日", en = "A year's days off" },
}
