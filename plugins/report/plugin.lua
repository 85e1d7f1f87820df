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
      default = "weighted",
      title = {
        zh = "指数算法：weighted 为 100×加权平均，spread 为 1000×(加权平均-1)/9",
        en = "Index: weighted is 100 x the weighted mean, spread is 1000 x (mean - 1) / 9",
      },
    },
    small_sample = {
      default = 30,
      title = { zh = "样本数低于此值时标注小样本", en = "Below this many answers a figure is flagged as a small sample" },
    },
  },
}
