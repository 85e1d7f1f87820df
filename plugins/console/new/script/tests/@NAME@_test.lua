local archive = test.fixture "archive" -- what the engine offers to tests: work orders, imported as a clerk does

local call = require "host.call"
local definition = require "host.definition"

local function run(params) return call(definition("scripts", "@NAME@"), "run", params) end

describe("the script", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("sun", { "supervisor" })
  end)

  it("counts yesterday when no day is given", function()
    archive.orders { { order_no = "RO1", settled = "2026-11-20" }, { order_no = "RO2", settled = "2026-11-18" } }
    assert.same({ day = "2026-11-20", orders = 1 }, run({}).summary)
  end)

  it("finds none on an empty store", function() assert.equal(0, run({ day = "2026-01-01" }).summary.orders) end)
end)
