-- The script around an import: what it takes, what it refuses whole, what it leaves behind.
local db = require "host.db"
local file = require "host.file"
local definition = require "scripts.import-dms"

local HEAD = "工单号,VIN,结算日期,交车日期,车主,车主手机\n"
local GOOD = "RO1,LS5TEST10TA000123,2026-11-18,2026-11-18,张某,13800000000\n"

local function run(bytes, name)
  local stored = test.file("912220675379351552-" .. (name or "orders.csv"), bytes)
  return definition.data.run { file = stored }, stored
end

local function visits() return db.one("SELECT count(*) AS n FROM archive_visit").n end

before_each(function() test.as("sun", { "supervisor" }) end)

describe("import-dms", function()
  it("counts, names the file as the operator knows it, and lets the calls follow", function()
    test.now "2026-11-21T09:00"
    local result = run(HEAD .. GOOD)
    assert.same({ read = 1, new = 1, updated = 0, skipped = 0, refused = 0, warned = 0 }, result.summary)
    assert.equal("orders.csv", db.one("SELECT file_name FROM archive_import").file_name)
    assert.equal(1, result.due.new_tasks)
    assert.equal(1, db.one("SELECT count(*) AS n FROM call_task WHERE due_on = '2026-11-21'").n)
  end)

  it("leaves no copy of the file, whether it worked or not", function()
    local _, stored = run(HEAD .. GOOD)
    assert.is_nil((file.read(stored)))
    assert.error_matches(function() run("nothing,known\n1,2\n", "odd.csv") end, "odd.csv")
    assert.is_nil((file.read "912220675379351552-odd.csv"))
  end)

  it("goes over batches of 500 lines", function()
    local lines = { HEAD }
    for i = 1, 1203 do lines[#lines + 1] = ("RO%d,LS5TEST10TA000123,2026-11-18,,张某,13800000000\n"):format(i) end
    lines[#lines + 1] = "RO500,LS5TEST10TA000123,2026-11-19,,张某,13800000000\n"
    local result = run(table.concat(lines))
    assert.same({ read = 1204, new = 1203, updated = 0, skipped = 1, refused = 0, warned = 0 }, result.summary)
  end)

  it("changes nothing where the file breaks off", function()
    assert.error_matches(function() run(HEAD .. GOOD .. '"RO2,LS5TEST12TA000124') end, "orders.csv:3")
    assert.equal(0, visits())
    assert.equal(0, db.one("SELECT count(*) AS n FROM archive_import").n)
  end)

  it("says what is wrong with a file, with a remedy and in both languages", function()
    for bytes, words in pairs {
      ["\208\207\17\224\161\177\26\225aaaa"] = ".xlsx", ["<html><table></table></html>"] = "HTML", ["a,b\n1,2\n"] = "no header",
      ["工单号,VIN,结算日期,结算日期\nRO1,LS5TEST10TA000123,2026-11-17,2026-11-18\n"] = "columns 3 and 4", ["工单号,结算日期\nRO1,2026-11-17\n"] = "VIN",
      [""] = "empty", ["\n\n\n"] = "row",
    } do
      local e = assert.error_matches(function() run(bytes) end, words)
      assert.is_true(e.zh ~= "" and e.en ~= "")
      assert.is_nil(e.zh:find("912220675379351552", 1, true))
    end
    assert.equal(0, visits())
  end)

  it("takes a file with a header and nothing below", function()
    assert.equal(0, run(HEAD).summary.read)
  end)

  it("says it in lines for a terminal", function()
    local result = run(HEAD .. GOOD .. "RO2,LS5TEST12TA00012,2026-11-18,,李某,13900000001\n")
    local text = definition.data.text(result)
    assert.is_true(text.zh:find("第 3 行", 1, true) ~= nil)
    assert.is_true(text.zh:find("拒绝 1", 1, true) ~= nil)
    assert.is_true(text.en:find("1 refused", 1, true) ~= nil)
  end)
end)
