local loans = require "a-table"

describe("demo cars", function()
  before_each(function() test.now "2026-11-21T09:00" end)

  it("come back once", function()
    loans.lend "苏A00001"
    assert.is_true(loans.back "苏A00001")
    assert.is_false(loans.back "苏A00001")
  end)

  it("are out up to the setting", function()
    for i = 1, 3 do loans.lend("苏A0000" .. i) end
    assert.has_error(function() loans.lend "苏A00004" end, { zh = "试驾车都在外面", en = "All demo cars are out" })
    assert.equal(3, loans.out())
  end)

  it("cannot be out twice", function()
    loans.lend "苏A00001"
    assert.has_error(function() loans.lend "苏A00001" end)
    assert.equal(1, loans.out())
  end)
end)
