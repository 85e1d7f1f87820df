-- A report: queries, one function that makes figures of their rows, blocks that show figures.
local r = require "report.define"

local function compute(rows)
  local total = 0
  for _, row in ipairs(rows.jobs) do total = total + row.n end
  return { total = total, advisors = rows.jobs }
end

return r.layout "@NAME@" {
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },
  about = { zh = "一个月里每位服务顾问结算的工单", en = "Work orders settled in a month, by advisor" },
  params = { r.month "month" },

  r.query "jobs" {
    sql = "SELECT COALESCE(advisor, '') AS advisor, COUNT(*) AS n FROM archive_visit WHERE settled_on >= ? AND settled_on < ? GROUP BY COALESCE(advisor, '') ORDER BY 1",
    bind = { "from", "to" }, columns = { "advisor", "n" },
  },
  compute = compute,

  r.kpis {
    title = { zh = "本月", en = "This month" },
    items = { { id = "total", title = { zh = "工单", en = "Work orders" }, kind = "integer" } },
  },
  r.table {
    title = { zh = "服务顾问", en = "Advisors" }, rows = "advisors",
    columns = {
      { id = "advisor", title = { zh = "姓名", en = "Name" } },
      { id = "n", title = { zh = "工单", en = "Work orders" }, kind = "integer" },
    },
  },
}
