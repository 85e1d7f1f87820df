return {
  id = "some-columns",
  version = "1.0.0",
  title = { zh = "经销商系统的列名", en = "A dealer system's columns" },
  needs = { archive = ">=1.0" },
}
