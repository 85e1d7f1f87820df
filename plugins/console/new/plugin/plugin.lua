-- What the host reads before any code runs. `uses` is the permission: what is not named here cannot be required.
return {
  id = "@NAME@",
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  uses = { "host.db", "host.audit" },
  settings = {
    shown = { default = 20, title = { zh = "最多显示多少条", en = "How many notes are shown at most" } },
  },
}
