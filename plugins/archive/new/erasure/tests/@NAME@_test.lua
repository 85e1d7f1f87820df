local call = require "host.call"
local db = require "host.db"
local definition = require "host.definition"
local mine = require "@NAME@"

describe("an erased customer", function()
  it("leaves no words, twice is harmless, and others keep theirs", function()
    mine.add(1, "请用全合成机油")
    mine.add(2, "早上来取车")
    local d = definition("erasures", "@NAME@")
    assert.equal(1, call(d, "wipe", 1))
    assert.equal(0, call(d, "wipe", 1))
    assert.same({ { words = "早上来取车" } }, db.all "SELECT words FROM @NAME_@_wish WHERE words IS NOT NULL")
  end)
end)
