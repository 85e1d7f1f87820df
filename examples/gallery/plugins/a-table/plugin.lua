return {
  id = "a-table",
  version = "1.0.0",
  title = { zh = "自己的数据表和导出函数", en = "A table of its own, with exports" },
  uses = { "host.db" },
  settings = { most = { default = 3, title = { zh = "最多几辆试驾车在外", en = "How many demo cars may be out" } } },
}
