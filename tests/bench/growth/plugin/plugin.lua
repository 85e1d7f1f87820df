return {
  id = "bench",
  version = "1.0.0",
  title = { zh = "基准测试", en = "Benchmark" },
  uses = { "host.db" },
  tables = { "bench_" },
}
