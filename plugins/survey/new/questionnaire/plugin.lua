return {
  id = "@NAME@",
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  needs = { survey = ">=1.0" },
}
