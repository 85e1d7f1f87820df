-- Who is not called, and why; each leads to its decision.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local page = require "host.page"
local vault = require "host.vault"

local function exclusion_rows(from)
  local out = json.array {}
  for i, row in ipairs(db.all([[SELECT e.rule, e.kind, e.reason_zh, e.reason_en, e.decision_id, v.order_no, v.settled_on, v.advisor, x.plate,
        COALESCE(b.name, o.name, c.name) AS customer
      FROM call_exclusion e JOIN archive_visit v ON v.id = e.visit_id JOIN archive_vehicle x ON x.id = v.vehicle_id
        LEFT JOIN archive_customer o ON o.id = v.owner_id LEFT JOIN archive_customer b ON b.id = v.bringer_id
        LEFT JOIN archive_customer c ON c.id = v.contact_id
      WHERE v.settled_on >= ? ORDER BY v.settled_on DESC, v.order_no LIMIT 500]], from)) do
    out[i] = { order_no = row.order_no, settled_on = row.settled_on or "—", advisor = row.advisor or "—", rule = row.rule,
               plate = row.plate and vault.mask("plate", row.plate) or "", customer = row.customer and vault.mask("name", row.customer) or "—",
               reason = { zh = row.reason_zh, en = row.reason_en }, is_repeat = row.kind == "repeat", decision_id = tostring(row.decision_id) }
  end
  return out
end

return page "GET /call-exclusions" {
  who = { "specialist", "supervisor", "director", "general-manager" },
  params = { from = "day" },
  template = "exclusions.html",
  title = { zh = "不回访的工单", en = "Visits not called" },
  function(req)
    local from = req.params.from or clock.add_days(clock.today(), -31)
    local rows = exclusion_rows(from)
    return { rows = rows, any = #rows > 0, from = from, n = #rows }
  end,
}
