local rules = require "host.rules"

describe("the severity", function()
  it("is serious for what touches safety", function()
    local found = rules.evaluate("severity", "@NAME@", { text = "转向沉重" })
    assert.equal("safety", found.rule)
    assert.equal("serious", found.outcome.level)
  end)

  it("is minor for the rest", function() assert.equal("minor", rules.evaluate("severity", "@NAME@", { text = "茶水不热" }).outcome.level) end)
end)
