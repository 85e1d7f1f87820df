return {
  id = "an-erasure",
  version = "1.0.0",
  title = { zh = "删除客户时清空", en = "What goes with an erased customer" },
  uses = { "host.db" },
  needs = { archive = ">=1.0" },
}
