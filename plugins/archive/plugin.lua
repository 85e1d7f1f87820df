return {
  id = "archive",
  version = "1.0.0",
  title = { zh = "客户与车辆档案", en = "Customer and vehicle archive" },
  uses = { "host.db", "host.vault", "host.audit", "host.csv", "host.file", "host.jobs", "host.call", "host.counter" },
  opens = {
    import_columns = { zh = "导入列名", en = "import column names" },
    erasures = { zh = "删除客户时要清空的内容", en = "what is emptied when a customer is erased" },
  },
  tables = { "archive_" },
}
