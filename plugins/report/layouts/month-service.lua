-- The month of the after-sales telephone calls (form 10, sheet "service by phone"). What counts as what: README.md.
local r = require "report.define"

local SUCCESS = "('OK_SAT', 'OK_DIS_FAQ', 'OK_DIS_MINOR', 'OK_DIS_SERIOUS', 'COMPLAINT', 'PARTIAL')"
local REFUSED = "('REFUSED', 'NEVER')"

-- Each finished and picked-up job of the month stands in exactly one column: success, no_call, repeats, refused, unreached (its call is
-- done without success), waiting (its call is not done) or undecided (nobody has asked yet whether it is to be called).
local JOBS = [[SELECT j.advisor AS advisor, COUNT(*) AS jobs, SUM(j.success) AS success,
    SUM(CASE WHEN j.success = 0 AND j.excluded = 'no_call' THEN 1 ELSE 0 END) AS no_call,
    SUM(CASE WHEN j.success = 0 AND j.excluded = 'repeat' THEN 1 ELSE 0 END) AS repeats,
    SUM(CASE WHEN j.success = 0 AND j.excluded IS NULL AND j.refused = 1 THEN 1 ELSE 0 END) AS refused,
    SUM(CASE WHEN j.success = 0 AND j.excluded IS NULL AND j.refused = 0 AND j.done = 1 THEN 1 ELSE 0 END) AS unreached,
    SUM(CASE WHEN j.success = 0 AND j.excluded IS NULL AND j.refused = 0 AND j.done = 0 AND j.asked = 1 THEN 1 ELSE 0 END) AS waiting,
    SUM(CASE WHEN j.success = 0 AND j.excluded IS NULL AND j.asked = 0 THEN 1 ELSE 0 END) AS undecided
  FROM (SELECT v.id, COALESCE(v.advisor, '') AS advisor,
      CASE WHEN EXISTS (SELECT 1 FROM call_task t WHERE t.visit_id = v.id) THEN 1 ELSE 0 END AS asked,
      CASE WHEN EXISTS (SELECT 1 FROM call_task t WHERE t.visit_id = v.id AND t.state = 'done') THEN 1 ELSE 0 END AS done,
      CASE WHEN EXISTS (SELECT 1 FROM call_task t WHERE t.visit_id = v.id AND t.state = 'done' AND t.result IN ]] .. SUCCESS .. [[)
        THEN 1 ELSE 0 END AS success,
      CASE WHEN EXISTS (SELECT 1 FROM call_task t WHERE t.visit_id = v.id AND t.state = 'done' AND t.result IN ]] .. REFUSED .. [[)
        THEN 1 ELSE 0 END AS refused,
      (SELECT MIN(x.kind) FROM call_exclusion x WHERE x.visit_id = v.id) AS excluded
    FROM archive_visit v WHERE v.settled_on >= ? AND v.settled_on < ? AND v.picked_up_on IS NOT NULL) j
  GROUP BY j.advisor ORDER BY j.advisor]]

local DUE = [[SELECT COALESCE(v.advisor, '') AS advisor, COUNT(*) AS due,
    SUM(CASE WHEN t.state = 'done' AND t.result IN ]] .. SUCCESS .. [[ THEN 1 ELSE 0 END) AS success,
    SUM(CASE WHEN t.state = 'done' AND t.result IN ]] .. REFUSED .. [[ THEN 1 ELSE 0 END) AS refused,
    SUM(CASE WHEN t.first_attempt_on <= t.due_on THEN 1 ELSE 0 END) AS timely,
    SUM(CASE WHEN t.first_attempt_on IS NOT NULL THEN 1 ELSE 0 END) AS attempted,
    SUM(CASE WHEN t.first_attempt_on IS NULL AND t.due_on >= ? THEN 1 ELSE 0 END) AS ahead
  FROM call_task t JOIN archive_visit v ON v.id = t.visit_id
  WHERE t.due_on >= ? AND t.due_on < ? GROUP BY COALESCE(v.advisor, '') ORDER BY 1]]

-- Closed sheets of the month's jobs. A mean is taken per respondent first (B5), then over respondents.
local SHEETS = [[FROM survey_sheet s JOIN call_task t ON t.sheet_id = s.id JOIN archive_visit v ON v.id = t.visit_id
  WHERE v.settled_on >= ? AND v.settled_on < ? AND v.picked_up_on IS NOT NULL AND s.closed_at IS NOT NULL AND t.state = 'done'
    AND t.result IN ]] .. SUCCESS

local function tenths(n, d)
  if d == 0 then return nil end
  return (2000 * n + d) // (2 * d)
end

local function sum(rows, key)
  local n = 0
  for _, row in ipairs(rows) do n = n + (row[key] or 0) end
  return n
end

-- Titles of sections and questions come from the version the newest sheets were asked with; what only older versions know is added.
local function titles(sources)
  local definition = require "host.definition"
  local sections, items, order, item_order = {}, {}, {}, {}
  for _, source in ipairs(sources) do
    local d = definition(source.hash)
    for _, section in ipairs(d and d.data.sections or {}) do
      if not sections[section.id] then
        sections[section.id] = section.title
        order[#order + 1] = section.id
      end
      for _, item in ipairs(section.items or {}) do
        if not items[item.id] then
          items[item.id] = item.title
          item_order[#item_order + 1] = item.id
        end
      end
    end
  end
  return { sections = sections, items = items, order = order, item_order = item_order }
end

-- Known ones in the questionnaire's order, then the rest by name.
local function in_order(order, by)
  local out, seen = {}, {}
  for _, id in ipairs(order) do
    if by[id] then
      out[#out + 1] = id
      seen[id] = true
    end
  end
  local rest = {}
  for id in pairs(by) do
    if not seen[id] then rest[#rest + 1] = id end
  end
  table.sort(rest)
  for _, id in ipairs(rest) do out[#out + 1] = id end
  return out
end

local function named(title, id)
  if type(title) ~= "table" then return id end
  return require("host.text").pick(title)
end

local function section_rows(rows, known)
  local by, out = {}, {}
  for _, row in ipairs(rows) do by[row.section] = row end
  for _, id in ipairs(in_order(known.order, by)) do
    local row = by[id]
    out[#out + 1] = { id = id, name = named(known.sections[id], id), mean = { sum = row.total or 0, n = row.sheets }, sheets = row.sheets, rated = row.rated }
  end
  return out
end

local function exec_rows(rows, known)
  local by, out = {}, {}
  for _, row in ipairs(rows) do
    local at = by[row.item] or { yes = 0, no = 0, unsure = 0 }
    by[row.item] = at
    if at[row.word] then at[row.word] = at[row.word] + row.n end
  end
  for _, id in ipairs(in_order(known.item_order, by)) do
    local at = by[id]
    out[#out + 1] = {
      id = id, name = named(known.items[id], id), yes = at.yes, no = at.no, unsure = at.unsure,
      rate = { n = at.yes, d = at.yes + at.no },
    }
  end
  return out
end

local function merge(by, rows, copy)
  for _, row in ipairs(rows) do
    by[row.advisor] = by[row.advisor] or {}
    copy(by[row.advisor], row)
  end
end

local function advisor_rows(rows)
  local by, out = {}, {}
  merge(by, rows.jobs, function(a, row)
    a.jobs, a.success, a.denominator = row.jobs, row.success, row.jobs - row.no_call - row.repeats
  end)
  merge(by, rows.due, function(a, row) a.due, a.due_success, a.timely = row.due, row.success, row.timely end)
  merge(by, rows.scores, function(a, row) a.scored, a.total, a.unhappy = row.scored, row.total, row.unhappy end)
  for name, a in pairs(by) do
    out[#out + 1] = {
      name = name ~= "" and name or "—", jobs = a.jobs or 0, denominator = a.denominator or 0, success = a.success or 0,
      rate = { n = a.success or 0, d = a.denominator or 0 }, due = a.due or 0, coverage = { n = a.due_success or 0, d = a.due or 0 },
      timely = { n = a.timely or 0, d = a.due or 0 }, score = { sum = a.total or 0, n = a.scored or 0 }, unhappy = a.unhappy or 0,
    }
  end
  table.sort(out, function(a, b)
    if a.jobs ~= b.jobs then return a.jobs > b.jobs end
    return a.name < b.name
  end)
  return out
end

local function result_rows(rows)
  local TITLE = {
    { "success", { zh = "回访成功", en = "Successful" } }, { "refused", { zh = "拒绝回访", en = "Refused" } },
    { "unreached", { zh = "未联系上", en = "Not reached" } }, { "waiting", { zh = "尚未完成", en = "Not done yet" } },
    { "undecided", { zh = "尚未安排", en = "Not decided yet" } },
  }
  local out, pick = {}, require("host.text").pick
  local denominator = sum(rows.jobs, "jobs") - sum(rows.jobs, "no_call") - sum(rows.jobs, "repeats")
  for i, t in ipairs(TITLE) do
    local n = sum(rows.jobs, t[1])
    out[i] = { id = t[1], name = pick(t[2]), n = n, share = { n = n, d = denominator } }
  end
  return out
end

local function compute(rows)
  local jobs, no_call, repeats = sum(rows.jobs, "jobs"), sum(rows.jobs, "no_call"), sum(rows.jobs, "repeats")
  local success, refused = sum(rows.jobs, "success"), sum(rows.jobs, "refused")
  local denominator = jobs - no_call - repeats
  local before = sum(rows.previous, "jobs") - sum(rows.previous, "no_call") - sum(rows.previous, "repeats")
  local now_t, then_t = tenths(success, denominator), tenths(sum(rows.previous, "success"), before)
  local due, due_success, due_refused = sum(rows.due, "due"), sum(rows.due, "success"), sum(rows.due, "refused")
  local known, forms = titles(rows.sources), rows.forms[1] or {}
  return {
    jobs = jobs, no_call = no_call, repeats = repeats, denominator = denominator, success = success, refused = refused,
    rate = { n = success, d = denominator }, rate_without_refused = { n = success, d = denominator - refused },
    previous_rate = { n = sum(rows.previous, "success"), d = before }, delta = now_t and then_t and now_t - then_t or nil,
    due = due, due_success = due_success, coverage = { n = due_success, d = due }, coverage_without_refused = { n = due_success, d = due - due_refused },
    timely = { n = sum(rows.due, "timely"), d = due }, attempted = sum(rows.due, "attempted"), ahead = sum(rows.due, "ahead"),
    undecided = sum(rows.jobs, "undecided"),
    score = { sum = sum(rows.scores, "total"), n = sum(rows.scores, "scored") }, unhappy = sum(rows.scores, "unhappy"),
    forms_opened = forms.opened or 0, forms_open = forms.still_open or 0, forms_satisfied = forms.satisfied or 0,
    forms_on_time = { n = rows.answers[1] and rows.answers[1].on_time or 0, d = rows.answers[1] and rows.answers[1].due or 0 },
    minors = rows.minors[1] and rows.minors[1].opened or 0,
    results = result_rows(rows), sections = section_rows(rows.sections, known), execution = exec_rows(rows.execution, known),
    advisors = advisor_rows(rows), sources = rows.sources,
  }
end

local JOB_COLUMNS = { "advisor", "jobs", "success", "no_call", "repeats", "refused", "unreached", "waiting", "undecided" }

return r.layout "month-service" {
  version = "1.0.0",
  title = { zh = "售后电话回访月报", en = "After-sales calls of the month" },
  about = {
    zh = "回访率、覆盖率、及时率、各项得分、执行率，按服务顾问细分",
    en = "Call-back rate, coverage, timely rate, section means, execution rates, by advisor",
  },
  params = { r.month "month" },
  compute = compute,

  r.query "jobs" { sql = JOBS, bind = { "from", "to" }, columns = JOB_COLUMNS },
  r.query "previous" { sql = JOBS, bind = { "previous_from", "from" }, columns = JOB_COLUMNS },
  r.query "due" {
    sql = DUE, bind = { "today", "from", "to" }, columns = { "advisor", "due", "success", "refused", "timely", "attempted", "ahead" },
  },
  r.query "scores" {
    sql = [[SELECT COALESCE(v.advisor, '') AS advisor, COUNT(s.score) AS scored, SUM(s.score) AS total,
      SUM(CASE WHEN s.unhappy = 1 THEN 1 ELSE 0 END) AS unhappy ]] .. SHEETS .. " GROUP BY COALESCE(v.advisor, '') ORDER BY 1",
    bind = { "from", "to" }, columns = { "advisor", "scored", "total?", "unhappy" },
  },
  r.query "sections" {
    sql = [[SELECT p.section, SUM(p.mean) AS total, COUNT(p.mean) AS sheets, SUM(p.rated) AS rated FROM survey_section_score p
      WHERE p.sheet_id IN (SELECT s.id ]] .. SHEETS .. ") GROUP BY p.section ORDER BY p.section",
    bind = { "from", "to" }, columns = { "section", "total?", "sheets", "rated" },
  },
  r.query "execution" {
    sql = [[SELECT a.item, a.word, COUNT(*) AS n FROM survey_answer a WHERE a.kind = 'yesno' AND a.sheet_id IN (SELECT s.id ]] .. SHEETS
      .. ") GROUP BY a.item, a.word ORDER BY a.item, a.word NULLS FIRST",
    bind = { "from", "to" }, columns = { "item", "word?", "n" },
  },
  r.query "forms" {
    sql = [[SELECT COUNT(*) AS opened, SUM(CASE WHEN f.state <> 'closed' THEN 1 ELSE 0 END) AS still_open,
      SUM(CASE WHEN f.satisfied = 1 THEN 1 ELSE 0 END) AS satisfied FROM complaint_form f
      WHERE f.opened_at >= ? AND f.opened_at < ? AND f.withdrawn IS NULL]],
    bind = { "from_ms", "to_ms" }, columns = { "opened", "still_open?", "satisfied?" },
  },
  -- Answers due in the month; those still missing after their limit count as late.
  r.query "answers" {
    sql = [[SELECT COUNT(*) AS due, SUM(q.on_time) AS on_time FROM (
        SELECT a.on_time FROM complaint_answer a JOIN complaint_form f ON f.id = a.form_id
        WHERE f.opened_at >= ? AND f.opened_at < ? AND f.withdrawn IS NULL
        UNION ALL
        SELECT 0 AS on_time FROM complaint_form f WHERE f.opened_at >= ? AND f.opened_at < ? AND f.state = 'sent' AND f.answer_due < ?) q]],
    bind = { "from_ms", "to_ms", "from_ms", "to_ms", "now" }, columns = { "due", "on_time?" },
  },
  r.query "minors" {
    sql = "SELECT COUNT(*) AS opened FROM complaint_minor m WHERE m.day >= ? AND m.day < ? AND m.withdrawn IS NULL",
    bind = { "from", "to" }, columns = { "opened" },
  },
  r.query "sources" {
    sql = [[SELECT s.questionnaire AS id, s.version, s.definition_hash AS hash, COUNT(*) AS sheets ]] .. SHEETS
      .. " GROUP BY s.questionnaire, s.version, s.definition_hash ORDER BY MAX(s.started_at) DESC, s.definition_hash",
    bind = { "from", "to" }, columns = { "id", "version", "hash", "sheets" },
  },

  r.kpis {
    title = { zh = "回访率", en = "Call-back rate" },
    items = {
      { id = "rate", kind = "percent", title = { zh = "电话回访率", en = "Call-back rate" },
        hint = { zh = "成功 ÷（台次 − 不回访 − 重复）", en = "successes / (jobs - no-call - repeats)" } },
      { id = "rate_without_refused", kind = "percent", title = { zh = "剔除拒访后的回访率", en = "Without refusals" },
        hint = { zh = "分母再减去拒绝回访", en = "refusals taken out of the denominator too" } },
      { id = "coverage", kind = "percent", title = { zh = "回访覆盖率", en = "Coverage" },
        hint = { zh = "当月应回访中成功 ÷ 当月应回访", en = "successes among the calls due in the month / all of these" } },
      { id = "timely", kind = "percent", title = { zh = "回访及时率", en = "Timely rate" },
        hint = { zh = "应回访日及以前首次拨打", en = "first attempt on or before the due day" } },
      { id = "score", kind = "score", title = { zh = "总分（10 分制）", en = "Total score (of 10)" } },
      { id = "score", kind = "index", title = { zh = "满意度指数", en = "Index" } },
    },
  },
  r.kpis {
    title = { zh = "台次", en = "Jobs" },
    items = {
      { id = "jobs", kind = "integer", title = { zh = "完工并交车的台次", en = "Finished and picked up" } },
      { id = "no_call", kind = "integer", title = { zh = "不回访台次", en = "No-call jobs" } },
      { id = "repeats", kind = "integer", title = { zh = "重复台次", en = "Repeats" } },
      { id = "denominator", kind = "integer", title = { zh = "分母", en = "Denominator" } },
      { id = "success", kind = "integer", title = { zh = "分母中回访成功", en = "Successful calls" } },
      { id = "refused", kind = "integer", title = { zh = "拒绝回访", en = "Refused" } },
      { id = "due", kind = "integer", title = { zh = "当月应回访", en = "Due in the month" } },
      { id = "due_success", kind = "integer", title = { zh = "当月应回访中成功", en = "of these successful" } },
      { id = "ahead", kind = "integer", title = { zh = "当月应回访中尚未到期", en = "of these not due yet" } },
      { id = "previous_rate", kind = "percent", title = { zh = "上月回访率", en = "Rate of the month before" } },
      { id = "delta", kind = "points", title = { zh = "较上月（百分点）", en = "Change (points)" } },
    },
  },
  r.bar {
    title = { zh = "各服务顾问的回访率", en = "Call-back rate by advisor" }, rows = "advisors", label = "name", value = "rate",
    value_kind = "percent",
  },
  r.table {
    title = { zh = "按服务顾问", en = "By advisor" }, rows = "advisors",
    empty = { zh = "当月没有完工并交车的台次。请先导入工单。", en = "No jobs finished and picked up in this month. Import the work orders first." },
    columns = {
      { id = "name", title = { zh = "服务顾问", en = "Advisor" } },
      { id = "jobs", kind = "integer", title = { zh = "台次", en = "Jobs" } },
      { id = "denominator", kind = "integer", title = { zh = "分母", en = "Denominator" } },
      { id = "success", kind = "integer", title = { zh = "成功", en = "Successful" } },
      { id = "rate", kind = "percent", title = { zh = "回访率", en = "Rate" } },
      { id = "due", kind = "integer", title = { zh = "应回访", en = "Due" } },
      { id = "coverage", kind = "percent", title = { zh = "覆盖率", en = "Coverage" } },
      { id = "timely", kind = "percent", title = { zh = "及时率", en = "Timely" } },
      { id = "score", kind = "score", title = { zh = "总分", en = "Score" } },
      { id = "unhappy", kind = "integer", title = { zh = "不满意", en = "Unhappy" } },
    },
  },
  r.table {
    title = { zh = "分母中的台次到哪一步了", en = "Where the jobs of the denominator stand" }, rows = "results",
    columns = {
      { id = "name", title = { zh = "结果", en = "Result" } },
      { id = "n", kind = "integer", title = { zh = "台次", en = "Jobs" } },
      { id = "share", kind = "percent", title = { zh = "占比", en = "Share" } },
    },
  },
  r.table {
    title = { zh = "各部分得分", en = "Section means" }, rows = "sections",
    empty = { zh = "当月还没有完成的问卷。", en = "No questionnaire of this month is finished yet." },
    columns = {
      { id = "name", title = { zh = "部分", en = "Section" } },
      { id = "mean", kind = "score", title = { zh = "平均分", en = "Mean" } },
      { id = "sheets", kind = "integer", title = { zh = "问卷数", en = "Sheets" } },
    },
  },
  r.table {
    title = { zh = "执行率", en = "Execution rates" }, rows = "execution",
    empty = { zh = "当月还没有完成的问卷。", en = "No questionnaire of this month is finished yet." },
    columns = {
      { id = "name", title = { zh = "项目", en = "Item" } },
      { id = "rate", kind = "percent", title = { zh = "执行率", en = "Rate" } },
      { id = "yes", kind = "integer", title = { zh = "是", en = "Yes" } },
      { id = "no", kind = "integer", title = { zh = "否", en = "No" } },
      { id = "unsure", kind = "integer", title = { zh = "不确定", en = "Unsure" } },
    },
  },
  r.kpis {
    title = { zh = "不满意", en = "Unhappy customers" },
    items = {
      { id = "unhappy", kind = "integer", title = { zh = "不满意问卷", en = "Unhappy sheets" } },
      { id = "minors", kind = "integer", title = { zh = "一般问题", en = "Minor issues" } },
      { id = "forms_opened", kind = "integer", title = { zh = "跟踪单", en = "Tracking forms opened" } },
      { id = "forms_open", kind = "integer", title = { zh = "其中未结案", en = "of these still open" } },
      { id = "forms_satisfied", kind = "integer", title = { zh = "其中满意结案", en = "of these closed satisfied" } },
      { id = "forms_on_time", kind = "percent", title = { zh = "答复及时率", en = "Answered on time" } },
    },
  },
}
