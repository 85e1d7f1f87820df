local archive = test.fixture "archive" -- what the engine offers to tests: work orders, imported as a clerk does

describe("the page", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("sun", { "supervisor" })
  end)

  it("stands on an empty store", function()
    local data = test.page "GET /@NAME@"
    assert.equal("2026-11-21", data.day)
    assert.is_true(data.none)
  end)

  it("lists what was settled on the day", function()
    archive.orders {
      { order_no = "RO1", settled = "2026-11-20", advisor = "李工" },
      { order_no = "RO2", settled = "2026-11-19" },
    }
    local data = test.page("GET /@NAME@", { day = "2026-11-20" })
    assert.same({ { order_no = "RO1", advisor = "李工" } }, data.rows)
  end)

  it("is not for everybody", function()
    test.as("wang", { "specialist" })
    assert.has_error(function() test.page "GET /@NAME@" end)
  end)
end)
