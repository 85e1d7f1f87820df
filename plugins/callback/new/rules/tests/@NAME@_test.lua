local rules = require "host.rules"

local function decide(facts) return rules.evaluate("exclusions", "@NAME@", facts).rule end

describe("the rules", function()
  it("say who is not called", function()
    assert.equal("inner-job", decide { kind = "PDI检查" })
    assert.equal("called-lately", decide { kind = "保养", days_since_call = 3 })
  end)

  it("call everybody else, also of whom nothing is known", function() assert.equal("otherwise", decide {}) end)
end)
