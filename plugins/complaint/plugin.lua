return {
  id = "complaint",
  version = "1.0.0",
  title = { zh = "不满意跟踪", en = "Unhappy customers" },
  uses = {
    "host.db", "host.vault", "host.rules", "host.calendar", "host.counter", "host.mail", "host.audit", "host.csv",
  },
  needs = { archive = ">=1.0" },
  tables = { "complaint_" },
  opens = {
    severity = { zh = "严重程度规则", en = "severity rules" },
  },
  settings = {
    severity = {
      default = "default",
      title = { zh = "使用哪一套严重程度规则", en = "Which set of severity rules decides" },
    },
    rounds = {
      default = 3, min = 1, max = 20,
      title = { zh = "二次回访最多几轮，之后由主管签字", en = "Second calls before the supervisor has to sign" },
    },
    unreached = {
      default = 3, min = 1, max = 20,
      title = { zh = "一轮中几次未接通后交主管", en = "Unreached second calls in a round before the supervisor decides" },
    },
    send_at_once = {
      default = true,
      title = { zh = "开单后立即送出", en = "Send a form as soon as it is opened" },
    },
    cutoff = {
      default = "17:00", kind = "time",
      title = { zh = "当天送出的截止时间", en = "Sent until this time counts as that day" },
    },
    close = {
      default = "17:30", kind = "time",
      title = { zh = "答复期限当天的截止时间", en = "Time of day at which a day limit ends" },
    },
    answer_days = {
      default = 1, min = 0, max = 60,
      title = { zh = "部门答复期限（工作日）", en = "Working days for the department's answer" },
    },
    recheck_days = {
      default = 1, min = 0, max = 60,
      title = { zh = "二次回访期限（工作日）", en = "Working days for the second call" },
    },
    same_matter_days = {
      default = 90, min = 0, max = 730,
      title = { zh = "多少天内的同类问题算同一问题", en = "Days within which a like problem is the same matter" },
    },
    claim_minutes = {
      default = 15, min = 1, max = 240,
      title = { zh = "二次回访占用时长（分钟）", en = "Minutes a second call stays claimed" },
    },
    departments = {
      default = {
        { id = "service", zh = "售后服务", en = "After-sales" },
        { id = "sales", zh = "销售", en = "Sales" },
        { id = "parts", zh = "配件", en = "Parts" },
        { id = "insurance", zh = "保险", en = "Insurance" },
        { id = "finance", zh = "财务", en = "Finance" },
        { id = "other", zh = "其他部门", en = "Other department" },
      },
      title = { zh = "责任部门", en = "Departments" },
    },
    answerers = {
      default = {}, kind = "map",
      title = { zh = "各部门由谁答复（部门 -> 用户名）", en = "Who answers for a department (department -> login)" },
    },
    console_url = {
      default = "",
      title = { zh = "邮件中写明的系统地址", en = "Address of the console, named in mails" },
    },
  },
}
