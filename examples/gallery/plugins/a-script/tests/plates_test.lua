local archive = test.fixture "archive"
local call = require "host.call"
local definition = require "host.definition"
local file = require "host.file"

it("writes each plate once with how often it came", function()
  test.now "2026-11-21T09:00"
  test.as("sun", { "supervisor" })
  archive.orders {
    { order_no = "RO1", settled = "2026-11-03", plate = "苏A11111", vin = "LS5TEST10TA000111" },
    { order_no = "RO2", settled = "2026-11-09", plate = "苏A11111", vin = "LS5TEST10TA000111" },
    { order_no = "RO3", settled = "2026-10-09", plate = "苏A22222", vin = "LS5TEST10TA000222" },
  }
  local result = call(definition("scripts", "plates"), "run", { month = "2026-11" })
  assert.same({ file = "plates-2026-11.csv", plates = 1 }, result.summary)
  assert.matches("苏A11111,2", file.read(result.summary.file))
end)
