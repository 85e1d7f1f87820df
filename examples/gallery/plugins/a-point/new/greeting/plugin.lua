return {
  id = "@NAME@",
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  needs = { ["a-point"] = ">=1.0" },
}
