local rules = require "host.rules"

it("says which rule decided, and on what", function()
  local found = rules.evaluate("exclusions", "wash-phone", { amount = 60, kind = "保养" })
  assert.equal("small", found.rule)
  assert.is_false(found.outcome.call)
  assert.equal("amount", found.outcome.detail)
end)
