return {
  id = "calendar-cn",
  version = "1.0.0",
  title = { zh = "中国法定工作日历", en = "Working calendar of mainland China" },
  uses = { "host.calendar" },
}
