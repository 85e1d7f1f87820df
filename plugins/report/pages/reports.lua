local audit = require "host.audit"
local clock = require "host.clock"
local page = require "host.page"
local text = require "host.text"
local who = require "host.who"
local engine = require "report.engine"
local output = require "report.output"

local WHO = { "supervisor", "director", "general-manager", "specialist" }
local TITLE = { zh = "报表", en = "Reports" }

local function this_month()
  return clock.today():sub(1, 7)
end

-- Templates have no logic: each block says what it is, and the chart is drawn from an option object.
local function for_page(report)
  for _, block in ipairs(report.blocks) do
    block["is_" .. block.kind] = true
    if block.kind == "bar" and not block.none then block.chart = output.chart(block) end
  end
  report.provenance_line = output.provenance(report.provenance, who.lang())
  report.month, report.today_month = report.params.month, this_month()
  report.later = report.params.next <= this_month()
  report.may_export = who.has("supervisor", "director", "general-manager")
  report.heading = text.pick(report.title)
  return report
end

return {
  page "GET /reports" {
    who = WHO, template = "reports.html", title = TITLE,
    menu = { zh = "报表", en = "Reports", icon = "chart-bar", order = 50 },
    function()
      local list = engine.list()
      local last = clock.add_days(this_month() .. "-01", -1):sub(1, 7)
      for _, layout in ipairs(list) do layout.month, layout.last = this_month(), last end
      return { list = list, any = #list > 0 }
    end,
  },
  page "GET /reports/:layout" {
    who = WHO, params = { layout = "string:100!", month = "month" }, template = "report.html", title = TITLE,
    function(req)
      return for_page(engine.run(req.params.layout, { month = req.params.month or this_month() }))
    end,
  },
  page "GET /reports/:layout/csv" {
    who = { "supervisor", "director", "general-manager" }, params = { layout = "string:100!", month = "month!" },
    function(req)
      local report = engine.run(req.params.layout, { month = req.params.month })
      audit.write("export", "report:" .. report.id, report.params.month)
      return page.file {
        name = ("%s-%s.csv"):format(report.id, report.params.month), type = "text/csv; charset=utf-8",
        bytes = output.csv(report, who.lang()),
      }
    end,
  },
}
