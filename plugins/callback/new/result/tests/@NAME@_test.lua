local definition = require "host.definition"

describe("the result", function()
  it("stands beside the shipped ones and uses no attempt", function()
    local mine = definition("results", "@NAME@")
    assert.equal("promise", mine.data.next)
    assert.is_false(mine.data.counts)
    assert.is_not_nil(definition("results", "OK_SAT"))
  end)
end)
