return {
  id = "archive",
  version = "1.0.0",
  title = { zh = "客户与车辆档案", en = "Customer and vehicle archive" },
  uses = { "host.db", "host.vault", "host.audit", "host.csv", "host.file", "host.jobs" },
  opens = { import_columns = { zh = "导入列名", en = "import column names" } },
  tables = { "archive_" },
}
