return {
  title = "Questionnaires",
  about = "What is in force. A saved change is used by the next call that is opened; a sheet already begun keeps its version.",
  none = "No questionnaire is in force",
  none_hint = "Ask IT to add a pack to packs in site.lua, or look at the errors on the plugins page.",
  col_name = "Questionnaire",
  col_version = "Version",
  col_questions = "Questions",
  col_plugin = "From",
  weight = "Weight",
  conditional = "asked depending on earlier answers",
  print = "Print",
}
