return {
  title = "问卷",
  about = "现在生效的问卷；改动保存后，下一个打开的回访就用新的，已开始的答卷保持原来的版本。",
  none = "没有生效的问卷",
  none_hint = "请 IT 在 site.lua 的 packs 中加上问卷包，或检查插件页面上的错误。",
  col_name = "问卷",
  col_version = "版本",
  col_questions = "题数",
  col_plugin = "来自",
  weight = "权重",
  conditional = "按前面的回答决定是否问",
  print = "打印",
}
