return {
  id = "a-greeting",
  version = "1.0.0",
  title = { zh = "给别人的扩展点添一条", en = "Contributing to another's point" },
  needs = { ["a-point"] = ">=1.0" },
}
