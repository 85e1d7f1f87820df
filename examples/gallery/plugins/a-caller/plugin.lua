return {
  id = "a-caller",
  version = "1.0.0",
  title = { zh = "调用另一个插件", en = "Calling another plugin" },
  needs = { ["a-table"] = ">=1.0" },
}
