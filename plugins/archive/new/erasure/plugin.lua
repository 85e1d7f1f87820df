return {
  id = "@NAME@",
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  needs = { archive = ">=1.0" },
  uses = { "host.db" },
}
