-- Runs in the real host: an empty store for each `it`, a clock that stands where the test puts it, no network.
local notes = require "@NAME@.notes"
local example = require "@NAME@.tests.example"

describe("the notes", function()
  before_each(function()
    test.now "2026-11-21T09:00"
    test.as("wang", { "specialist" }, "王芳")
  end)

  it("are kept with who wrote them, the newest first", function()
    for _, words in ipairs(example) do notes.add(words) end
    local list = notes.list()
    assert.equal(#example, #list)
    assert.equal(example[#example], list[1].words)
    assert.equal("wang", list[1].made_by)
  end)

  it("refuse an empty one with a sentence in both languages", function()
    assert.has_error(function() notes.add "   " end, { zh = "请写点什么", en = "Write something" })
  end)

  it("stand on the page", function()
    assert.is_true(test.page("GET /@NAME@").none)
    test.page("POST /@NAME@", { words = "明天来取车" })
    assert.same({ "明天来取车" }, { test.page("GET /@NAME@").notes[1].words })
  end)
end)
