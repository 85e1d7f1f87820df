local archive = test.fixture "archive"
local report = require "report"

it("gives each kind its share of the month", function()
  test.now "2026-11-21T09:00"
  test.as("gao", { "general-manager" })
  archive.orders {
    { order_no = "RO1", settled = "2026-11-02", kind = "保养" }, { order_no = "RO2", settled = "2026-11-03", kind = "保养" },
    { order_no = "RO3", settled = "2026-11-03", kind = "事故" }, { order_no = "RO4", settled = "2026-12-01", kind = "保养" },
  }
  local figures = report.run("job-kinds", { month = "2026-11" }).figures
  assert.equal(3, figures.total)
  assert.same({ kind = "保养", n = 2, share = { n = 2, d = 3 } }, figures.kinds[1])
end)
