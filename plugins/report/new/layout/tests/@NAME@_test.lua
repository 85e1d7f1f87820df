local report = require "report"
local archive = test.fixture "archive"

describe("the report", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("gao", { "general-manager" })
  end)

  it("stands on an empty month", function() assert.equal(0, report.run("@NAME@", { month = "2026-11" }).figures.total) end)

  it("counts by advisor, and no other month", function()
    archive.orders {
      { order_no = "RO1", settled = "2026-11-03", advisor = "李工" }, { order_no = "RO2", settled = "2026-11-04", advisor = "李工" },
      { order_no = "RO3", settled = "2026-10-31", advisor = "周工" },
    }
    assert.same({ { advisor = "李工", n = 2 } }, report.run("@NAME@", { month = "2026-11" }).figures.advisors)
  end)
end)
