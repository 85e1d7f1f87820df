return {
  id = "a-layout",
  version = "1.0.0",
  title = { zh = "一份报表版式", en = "A report layout" },
  needs = { report = ">=1.0" },
}
