local definition = require "host.definition"

it("uses no attempt and comes back", function()
  local data = definition("results", "DIALECT").data
  assert.is_false(data.counts)
  assert.equal("retry", data.next)
end)
