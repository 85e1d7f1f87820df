return {
  id = "report",
  version = "1.0.0",
  title = { zh = "报表", en = "Reports" },
  uses = { "host.db", "host.call", "host.csv", "host.audit" },
  needs = { archive = ">=1.0" },
  opens = {
    layouts = { zh = "报表版式", en = "report layouts" },
  },
  settings = {
    index_rescale = {
      default = "weighted", title = { zh = "指数算法", en = "How the index is reckoned" },
      choices = {
        { id = "weighted", zh = "100×加权平均", en = "100 x the weighted mean" },
        { id = "spread", zh = "1000×(加权平均-1)/9", en = "1000 x (mean - 1) / 9" },
      },
    },
    small_sample = {
      default = 30, min = 1,
      title = { zh = "样本数低于此值时标注小样本", en = "Below this many answers a figure is flagged as a small sample" },
    },
  },
}
