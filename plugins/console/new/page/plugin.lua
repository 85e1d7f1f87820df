return {
  id = "@NAME@",
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  uses = { "host.db" },
}
