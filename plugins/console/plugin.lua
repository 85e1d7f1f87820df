return {
  id = "console",
  version = "1.0.0",
  title = { zh = "工作台", en = "Console" },
  uses = { "host.db", "host.session", "host.jobs", "host.plugins", "host.call", "host.vault" },
  needs = { callback = ">=1.0", complaint = ">=1.0" },
}
