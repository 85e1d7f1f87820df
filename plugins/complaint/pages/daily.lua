local audit = require "host.audit"
local clock = require "host.clock"
local csv = require "host.csv"
local json = require "host.json"
local page = require "host.page"
local text = require "host.text"
local who = require "host.who"
local daily = require "complaint.daily"

local WHO = { "specialist", "supervisor", "director", "advisor", "general-manager" }
local EXPORT = { "specialist", "supervisor", "director", "general-manager" }
local TITLE = { zh = "售后每日工作汇报", en = "After-sales daily report" }

-- Which specialist: the one asked for; a specialist sees his own first; the others see all.
local function chosen(params)
  if params.who == "all" then return nil end
  if params.who and params.who ~= "" then return params.who end
  if who.has("specialist") and not who.has("supervisor") then return who.actor().login end
end

local function specialists(login)
  local out = json.array {}
  for i, user in ipairs(who.users("specialist")) do out[i] = { login = user.login, name = user.name, chosen = user.login == login } end
  return out
end

local function words(list, lang)
  local out = {}
  for i, t in ipairs(list) do out[i] = ("%s %s %s"):format(t.number, text.pick(t.at, lang), text.pick(t.result, lang)) end
  return table.concat(out, "; ")
end

local HEAD = {
  header = {
    zh = { "日期", "专员", "应回访", "已拨打", "接通", "满意", "不满意", "拒访", "改约", "联系方式有误" },
    en = { "Day", "Specialist", "Due", "Attempted", "Reached", "Satisfied", "Unhappy", "Refused", "Rescheduled", "Bad contact" },
  },
  bad = {
    zh = { "序号", "工单号", "客户", "车牌", "拨打记录", "原因", "服务顾问", "顾问回复", "回复时间", "新号码", "次日回访结果" },
    en = { "No.", "Order", "Customer", "Plate", "Tries", "Reason", "Advisor", "Reply", "Replied", "New number", "Next-day call" },
  },
  minors = {
    zh = { "序号", "工单号", "客户", "问题", "类别", "服务顾问", "顾问回复", "回复时间", "二次回访", "回访时间", "结案" },
    en = { "No.", "Order", "Customer", "Issue", "Category", "Advisor", "Reply", "Replied", "Second call", "Called", "Closed" },
  },
  yes = { zh = "是", en = "yes" }, no = { zh = "否", en = "no" }, all = { zh = "全部", en = "all" },
  bad_title = { zh = "一、联系方式有误", en = "1. Bad contact data" },
  minor_title = { zh = "二、一般问题", en = "2. Minor issues" },
}

local function rows_of(r, lang)
  local function say(t) return t and text.pick(t, lang) or "" end
  local h = r.header
  local rows = {
    HEAD.header[lang],
    { r.day, r.specialist or HEAD.all[lang], h.due, h.attempted, h.reached, h.satisfied, h.unhappy, h.refused, h.later, h.bad },
    {}, { HEAD.bad_title[lang] }, HEAD.bad[lang],
  }
  for _, b in ipairs(r.bad) do
    rows[#rows + 1] = {
      b.seq, b.order_no, b.customer, b.plate, words(b.tried, lang), say(b.reason), b.advisor, b.reply or "", say(b.replied),
      b.new_number or "", b.later and say(b.later.at) .. " " .. say(b.later.result) or "",
    }
  end
  rows[#rows + 1], rows[#rows + 2], rows[#rows + 3] = {}, { HEAD.minor_title[lang] }, HEAD.minors[lang]
  for _, m in ipairs(r.minors) do
    rows[#rows + 1] = {
      m.seq, m.order_no, m.customer, m.problem, m.topics, m.advisor, m.reply or "", say(m.replied), say(m.check), say(m.checked),
      (m.closed and HEAD.yes or HEAD.no)[lang],
    }
  end
  return rows
end

return {
  page "GET /daily" {
    who = WHO, params = { day = "day", who = "string:64" }, template = "daily.html", title = TITLE,
    menu = { zh = "每日汇报", en = "Daily report", icon = "calendar-stats", order = 30 },
    function(req)
      local day, login = req.params.day or clock.today(), chosen(req.params)
      local r = daily.report(day, login)
      r.specialists, r.who = specialists(login), login or "all"
      r.before, r.after = clock.add_days(day, -1), clock.add_days(day, 1)
      r.is_today, r.may_export = day == clock.today(), who.has(table.unpack(EXPORT))
      r.any_bad, r.any_minors = #r.bad > 0, #r.minors > 0
      return r
    end,
  },
  page "GET /daily/csv" {
    who = EXPORT, params = { day = "day!", who = "string:64" },
    function(req)
      local r = daily.report(req.params.day, chosen(req.params))
      audit.write("export", "daily:" .. req.params.day, chosen(req.params) or "all")
      return page.file {
        name = ("05-%s.csv"):format(req.params.day), type = "text/csv; charset=utf-8", bytes = csv.write(rows_of(r, who.lang())),
      }
    end,
  },
}
