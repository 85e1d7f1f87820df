local definition = require "host.definition"

it("words the question its own way, asks one more, and leaves the rest", function()
  local items = definition("questionnaires", "wash-phone").data.sections[1].items
  assert.equal("您觉得车洗得怎么样", items[1].title.zh)
  assert.same({ "clean", "smell", "where", "wait" }, { items[1].id, items[2].id, items[3].id, items[4].id })
end)
