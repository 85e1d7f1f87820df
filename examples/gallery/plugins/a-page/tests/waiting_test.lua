local archive = test.fixture "archive"

describe("waiting cars", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("li", { "advisor" })
  end)

  it("are those that are settled and not taken home", function()
    archive.orders {
      { order_no = "RO1", settled = "2026-11-18", picked_up = "" }, { order_no = "RO2", settled = "2026-11-18", picked_up = "2026-11-19" },
    }
    assert.same({ { order_no = "RO1", settled_on = "2026-11-18", days = 3 } }, test.page("GET /waiting-cars").rows)
  end)

  it("are nobody else's business", function()
    test.as("wang", { "specialist" })
    assert.has_error(function() test.page "GET /waiting-cars" end, { en = "GET /waiting-cars: the actor's roles may not open it" })
  end)
end)
