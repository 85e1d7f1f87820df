-- forecourt run @NAME@ --day 2026-11-20, or in the console below Scripts.
local clock = require "host.clock"
local db = require "host.db"
local script = require "host.script"

return script "@NAME@" {
  title = { zh = "统计一天的工单", en = "Count the work orders of a day" },
  who = { "supervisor", "it" },
  params = {
    script.day "day" { title = { zh = "哪一天（默认昨天）", en = "Which day (default: yesterday)" } },
  },
  run = function(params)
    local day = params.day or clock.add_days(clock.today(), -1)
    local row = db.one("SELECT COUNT(*) AS n FROM archive_visit WHERE settled_on = ?", day)
    require "host.progress"(1, 1)
    return { summary = { day = day, orders = row.n } }
  end,
  text = function(result)
    local day, n = result.summary.day, result.summary.orders
    return { zh = ("%s：%d 张工单"):format(day, n), en = ("%s: %d work orders"):format(day, n) }
  end,
}
