-- The table of states: what it allows, what it refuses with a sentence.
local machine = require "callback.machine"

describe("the states of a call", function()
  it("lead only to states", function()
    for from, events in pairs(machine.TABLE) do
      for event, to in pairs(events) do
        assert.truthy(machine.TABLE[to], from .. " --" .. event .. "--> " .. to)
        assert.equal(to, machine.after(from, event))
      end
    end
  end)

  it("let every state come to its end", function()
    for from in pairs(machine.TABLE) do
      assert.truthy(from == "done" or machine.TABLE[from].close, from)
    end
  end)

  it("refuse what a state does not know, by a sentence", function()
    assert.error_matches(function() machine.after("done", "retry") end, "已完成")
    assert.error_matches(function() machine.after("contact_fix", "retry") end, "核实联系方式")
    assert.error_matches(function() machine.after("nowhere", "close") end, "nowhere")
  end)
end)
