-- A month's jobs by kind, with shares and a bar for each.
local r = require "report.define"

local function compute(rows)
  local total = 0
  for _, row in ipairs(rows.kinds) do total = total + row.n end
  for _, row in ipairs(rows.kinds) do row.share = { n = row.n, d = total } end
  return { total = total, kinds = rows.kinds }
end

return r.layout "job-kinds" {
  version = "1.0.0",
  title = { zh = "工单类型", en = "Kinds of jobs" },
  params = { r.month "month" },
  r.query "kinds" {
    sql = "SELECT COALESCE(kind, '') AS kind, COUNT(*) AS n FROM archive_visit WHERE settled_on >= ? AND settled_on < ? "
      .. "GROUP BY COALESCE(kind, '') ORDER BY 2 DESC, 1",
    bind = { "from", "to" }, columns = { "kind", "n" },
  },
  compute = compute,
  r.kpis { title = { zh = "合计", en = "Total" }, items = { { id = "total", title = { zh = "工单", en = "Jobs" }, kind = "integer" } } },
  r.bar { title = { zh = "按类型", en = "By kind" }, rows = "kinds", label = "kind", value = "n", value_kind = "integer" },
  r.table {
    title = { zh = "明细", en = "Details" }, rows = "kinds",
    columns = {
      { id = "kind", title = { zh = "类型", en = "Kind" } }, { id = "n", title = { zh = "数量", en = "Number" }, kind = "integer" },
      { id = "share", title = { zh = "占比", en = "Share" }, kind = "percent" },
    },
  },
}
