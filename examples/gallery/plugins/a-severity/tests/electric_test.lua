local rules = require "host.rules"

it("takes the worst of all rules that are true", function()
  local found = rules.evaluate("severity", "electric", { text = "电池续航掉电太快", same_matter_count = 2 })
  assert.equal("serious", found.outcome.level)
  assert.same({ "battery", "range" }, { found.rules[1].id or found.rules[1], found.rules[2].id or found.rules[2] })
end)
