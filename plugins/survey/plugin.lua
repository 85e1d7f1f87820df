return {
  id = "survey",
  version = "1.0.0",
  title = { zh = "问卷", en = "Questionnaires" },
  uses = { "host.db", "host.vault", "host.rules", "host.audit" },
  opens = { questionnaires = { zh = "问卷", en = "questionnaire" } },
  tables = { "survey_" },
}
