local params = require "console.params"

local T = { zh = "字段", en = "Field" }
local function one(kind, more)
  local p = { name = "x", type = kind, title = T }
  for key, value in pairs(more or {}) do p[key] = value end
  return { p }
end

describe("a script's form", function()
  it("has a field for each kind of parameter", function()
    local fields = params.fields {
      { name = "a", type = "file", title = T, required = true }, { name = "b", type = "day", title = T },
      { name = "c", type = "choice", title = T, choices = { "x", { value = "y", title = T } }, default = "y" },
      { name = "d", type = "boolean", title = T, default = true },
    }
    assert.equal("f1", fields[1].name)
    assert.is_true(fields[1].is_file and fields[1].required)
    assert.equal("date", fields[2].input)
    assert.equal("p2", fields[2].name)
    assert.is_true(fields[3].choices[2].chosen and not fields[3].choices[1].chosen)
    assert.is_true(fields[4].checked)
  end)

  it("keeps what was typed when it is shown again", function()
    local fields = params.fields(one("string", { default = "old" }), { p1 = "typed" })
    assert.equal("typed", fields[1].value)
    assert.equal("", params.fields(one("string", { default = "old" }), {})[1].value)
  end)

  it("reads typed values", function()
    assert.same({ x = 7 }, params.read(one "integer", { p1 = "7" }))
    assert.same({ x = 2.5 }, params.read(one "number", { p1 = "2.5" }))
    assert.same({ x = true }, params.read(one "boolean", { p1 = "true" }))
    assert.same({ x = false }, params.read(one "boolean", {}))
    assert.same({ x = "2026-11-21" }, params.read(one "day", { p1 = "2026-11-21" }))
    assert.same({ x = "2026-11" }, params.read(one "month", { p1 = "2026-11" }))
    assert.same({}, params.read(one "string", { p1 = "" }))
    assert.same({ x = "name.csv" }, params.read(one "file", {}, { f1 = { path = "name.csv", size = 3 } }))
  end)

  it("refuses with a sentence that names the field", function()
    local function refused(kind, given, what)
      local ok, why = pcall(params.read, one(kind, { required = true, choices = { "x" } }), given, {})
      assert.equal(false, ok)
      assert.is_true(why.zh:find("字段", 1, true) ~= nil and why.en:find(what, 1, true) ~= nil)
    end
    refused("integer", { p1 = "7.5" }, "whole number")
    refused("day", { p1 = "2026-02-30" }, "day")
    refused("month", { p1 = "2026-13" }, "month")
    refused("choice", { p1 = "z" }, "list")
    refused("string", {}, "required")
    refused("file", {}, "required")
  end)
end)
