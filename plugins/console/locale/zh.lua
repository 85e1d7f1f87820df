return {
  -- frame
  skip_to_content = "跳到正文", menu = "菜单", search = "搜索", search_hint = "车牌、手机后四位、姓名、工单号", user_menu = "账号",
  sign_out = "退出登录", close = "关闭",
  broken_banner = "插件 {names} 的新版本有错误，没有启用，原来的版本继续使用。", broken_link = "查看错误",
  insecure_banner = "当前使用未加密的 HTTP 连接，密码和客户资料在网络上可能被看到。请让信息员配置 HTTPS，或只在本机使用。",
  -- door
  door_subtitle = "汽车经销商客户关系工作台", sign_in_title = "登录", sign_in = "登录", login = "用户名", password = "密码",
  door_help = "忘记密码请找本店信息员重设。",
  session_title = "登录已过期", session_text = "刚才填写的内容都还在本页。请重新登录，登录后会自动继续提交。", session_go_on = "登录并继续",
  -- errors
  error_back = "返回上一页", error_home = "回到首页",
  -- keys
  keys_title = "快捷键", keys_everywhere = "所有页面", keys_call = "回访中",
  key_search = "搜索", key_help = "显示快捷键", key_rows = "下一行 / 上一行", key_open = "打开选中的行", key_home = "到“我的一天”",
  key_calls = "到回访名单", key_forms = "到跟踪单", key_close = "关闭对话框，离开输入框",
  key_answer = "按位置选择答案", key_next = "下一题（打完后：下一通）/ 上一题", key_reason = "填写原因或文字", key_undo = "撤销上一个结果", key_later = "改约时间", key_complaint = "客户投诉", key_result = "没能完成：再按数字选结果",
  keys_note = "用输入法打字时快捷键不起作用。",
  -- home
  hello = "{greeting}，{name}", month_title = "本月到今天", month_report = "月报", month_due = "应回访", month_done = "已完成",
  month_reached = "接通并完成", month_forms = "跟踪单", month_chart = "本月每天应回访与已完成",
  month_none = "本月还没有到期的回访", month_none_next = "导入工单后，结算并交车满三天的客户会排进名单。",
  steps_title = "接下来", steps_none = "暂时没有", steps_none_next = "客户约的时间，要答复和核实的期限，二次回访的期限，会按先后排在这里。",
  overdue = "已逾期",
  -- plugins
  plugins_title = "插件", plugins_about = "正在使用的规则和功能，共 {n} 个。保存文件后立即检查，没有错误才启用。",
  plugins_all_well = "所有插件都正常。", plugin_broken = "插件 {name} 有错误", plugin_old_goes_on = "文件里有下面的错误，新内容没有启用，原来的版本继续使用。改好后保存即可，不用重启。",
  col_plugin = "插件", col_version = "版本", col_state = "状态", col_from = "来源", col_since = "启用时间", col_hash = "指纹",
  pack_waits = "更新 {version} 要求更多权限，等待确认：forecourt pack accept",
  state_live = "使用中", state_broken = "有错误",
  plugin_held = "内容 {hash} 已被退回（{who}，{at}），改动之前不会启用。",
  plugin_staged = "插件 {name} 的新版本 {version} 正在等待自己的测试（{since} 起）；通过后自动启用，之前的版本继续使用。",
  plugin_history = "用过的版本", plugin_now = "现在", plugin_rollback = "退回上一版", plugin_disable = "停用", plugin_enable = "启用", plugin_let_in = "放行被退回的版本", plugin_take = "换成这一版",
  plugin_changes = "看更改", plugin_calls = "{calls} 次，失败 {failures} 次", plugin_from_to = "从 {from} 到 {to} 的更改", plugin_same = "两个版本的内容相同。",
  plugin_cut = "更改太多，这里没有全部列出。", col_by = "启用者", col_until = "到", col_calls = "调用",
  safe_banner = "安全模式：只运行工作台，其他插件都没有启用，脚本也不运行。修好后请不带 --safe 重新启动。",
  amended_title = "对别的插件的修改", amended_what = "定义", amended_by = "由谁修改", amended_path = "位置", amended_from = "原值", amended_to = "现值",
  acts_title = "插件和包的操作记录", acts_about = "谁在什么时候安装、同意、移除了什么，信任了谁的公钥。最近 200 条。", acts_none = "还没有记录。", acts_link = "操作记录",
  acts_when = "时间", acts_who = "谁", acts_what = "做了什么", acts_subject = "插件或公钥", acts_key = "签名公钥", acts_asks = "同意的权限", acts_unsigned = "没有签名", acts_fresh = "新增",
  -- settings
  settings_about = "保存后立即生效。site.lua 里写明的值优先，在这里不能改。", settings_none = "这个插件没有设置项。", settings_saved = "已保存，立即生效。",
  settings_save = "保存", settings_reset = "恢复默认值", settings_default = "默认 {value}", settings_list = "每行一项。", settings_map = "每行一项，写作：名称 = 值",
  settings_by_site = "由 site.lua 固定，请在那里修改。", settings_data = "这一项是表，只能在 site.lua 里设置。", settings_link = "设置",
  -- scripts
  scripts_title = "脚本", scripts_about = "由您手动启动的工作，例如导入、生成名单。", scripts_none = "没有您可以运行的脚本",
  scripts_none_next = "需要时请主管代为运行，或请信息员开通。", col_script = "脚本", col_progress = "进度", col_started_by = "启动人", col_started = "开始", col_ended = "结束",
  jobs_recent = "最近的运行", jobs_none = "还没有运行过", jobs_none_next = "从上面选一个脚本开始。",
  script_no_params = "这个脚本不需要填写任何内容。", script_start = "开始运行", script_may_not = "您没有运行这个脚本的权限",
  job_started = "{who} 启动于", job_cancel = "取消", job_cancelled = "这次运行已取消，已经完成的部分保留。", job_failed_unknown = "运行中断，没有留下说明。请告诉信息员。",
  job_ended = "结束于", job_again = "再运行一次",
  job_details = "明细 {n} 行", job_details_cut = "其余的没有列出；完整明细可在命令行运行得到。",
  -- me
  me_title = "我的账号", me_who = "账号信息", me_name = "姓名", me_roles = "角色", me_language = "界面语言", me_password = "修改密码",
  password_old = "当前密码", password_new = "新密码", password_again = "再输一次新密码", password_hint = "至少 10 个字符。修改后所有设备都要重新登录。",
  password_change = "修改密码", password_changed = "密码已修改，请用新密码登录。",
}
