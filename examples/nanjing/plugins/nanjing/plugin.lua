return {
  id = "nanjing",
  version = "1.0.0",
  title = { zh = "南京店自有规则", en = "Nanjing's own rules" },
  needs = { archive = ">=1.0" },
}
