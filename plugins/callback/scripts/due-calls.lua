-- The day's list of calls: forecourt run due-calls --day 2026-11-21 [--json]
local clock = require "host.clock"
local script = require "host.script"
local due = require "callback.due"

local function say(result)
  local s = result.summary
  local zh, en = {}, {}
  for _, l in ipairs(result.lines) do
    local mark = (l.new and "+ " or "  ") .. (l.no or "—")
    local who = ("%s  %s  %s  %s  [%s]"):format(mark, l.order_no, l.customer or "", l.plate or "", l.rule or "")
    zh[#zh + 1], en[#en + 1] = who .. " " .. (l.reason or ""), who .. " " .. (l.reason_en or "")
  end
  zh[#zh + 1] = ("%s：回访任务 %d 个（新 %d），不回访 %d 个（新 %d），撤下 %d 个，等待交车 %d 个"):format(s.day, s.tasks, s.new_tasks, s.exclusions,
    s.new_exclusions, s.withdrawn, s.waiting_for_pick_up)
  en[#en + 1] = ("%s: %d tasks (%d new), %d exclusions (%d new), %d withdrawn, %d waiting for pick-up"):format(s.day, s.tasks, s.new_tasks,
    s.exclusions, s.new_exclusions, s.withdrawn, s.waiting_for_pick_up)
  return { zh = table.concat(zh, "\n"), en = table.concat(en, "\n") }
end

return script "due-calls" {
  title = { zh = "生成回访名单", en = "Make the list of calls" },
  about = { zh = "判断哪些工单到期要回访，哪些按规则不回访；重复运行不会重复生成。",
            en = "Decides which visits are to be called by a day and which are excluded; running it twice makes nothing twice." },
  who = { "specialist", "supervisor", "it" },
  params = {
    script.day "day" { title = { zh = "日期", en = "Day" },
                       hint = { zh = "到这一天为止应回访的工单；不填是今天", en = "Visits whose call is due by this day; today if left out" } },
  },
  run = function(params) return due.run_told(params.day or clock.today()) end,
  text = say,
}
