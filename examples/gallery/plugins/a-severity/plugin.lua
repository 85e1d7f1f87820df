return {
  id = "a-severity",
  version = "1.0.0",
  title = { zh = "一套严重程度规则", en = "Severity rules" },
  needs = { complaint = ">=1.0" },
}
