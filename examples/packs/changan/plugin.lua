return {
  id = "changan",
  version = "1.0.0",
  title = { zh = "长安售后回访包", en = "Changan service pack" },
  needs = { survey = ">=1.0" },
}
