local runs = require "console.jobs"

describe("the outcome of a run", function()
  it("the last sentence sums up, the others are details", function()
    local out = runs.outcome { script = "due-calls", result = { summary = { day = "2026-11-21" }, day = "2026-11-21", lines = {} } }
    assert.is_true(type(out.details) == "table")
  end)

  it("a script that nobody knows any more shows its bare figures, sorted", function()
    local out = runs.outcome { script = "gone", result = { summary = { new = 2, read = 4, list = {} } } }
    assert.equal(2, #out.figures)
    assert.equal("new", out.figures[1].key)
    assert.equal("2", out.figures[1].value)
  end)

  it("no result is no figures", function()
    assert.equal(0, #runs.outcome({ script = "gone" }).figures)
  end)

  it("a row says in words how far it is", function()
    test.as("sun", { "supervisor" })
    local row = runs.row({ id = 1, script = "gone", state = "running", done = 5, total = 20, made_at = 0, actor = "sun" }, { sun = "孙静" })
    assert.equal(25, row.percent)
    assert.equal("孙静", row.actor)
    assert.is_true(row.running)
    assert.equal("gone", row.title)
  end)
end)
