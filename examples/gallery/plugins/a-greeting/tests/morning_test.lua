local definition = require "host.definition"

it("stands in the point", function() assert.equal(5, definition("greetings", "morning").data.from) end)
