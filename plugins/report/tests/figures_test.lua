-- How figures are written, and the terminal's columns.
local figures = require "report.figures"
local digest = require "report.digest"
local engine = require "report.engine"
local output = require "report.output"

describe("a percent", function()
  it("has one decimal, rounded half up from whole numbers", function()
    assert.equal("77.8 %", figures.show("percent", { n = 7, d = 9 }))
    assert.equal("87.5 %", figures.show("percent", { n = 7, d = 8 }))
    assert.equal("6.3 %", figures.show("percent", { n = 1, d = 16 }))
    assert.equal("0.1 %", figures.show("percent", { n = 1, d = 2000 }))
    assert.equal("0.0 %", figures.show("percent", { n = 1, d = 2001 }))
    assert.equal("100.0 %", figures.show("percent", { n = 9, d = 9 }))
  end)

  it("is a dash without a denominator", function()
    assert.equal("—", figures.show("percent", { n = 0, d = 0 }))
    assert.equal("—", figures.show("score", { sum = 0, n = 0 }))
    assert.equal("—", figures.show("points", nil))
  end)

  it("is flagged under 30", function()
    assert.is_true(figures.is_small("percent", { n = 1, d = 29 }))
    assert.is_false(figures.is_small("percent", { n = 1, d = 30 }))
    assert.is_false(figures.is_small("percent", { n = 0, d = 0 }))
  end)
end)

describe("scores", function()
  it("come out as in B5", function()
    assert.equal("8.57", figures.show("score", { sum = 8.57, n = 1 }))
    assert.equal("840.4", figures.show("index", { sum = 8.404, n = 1 }))
  end)
  it("points carry their sign", function()
    assert.equal("+1.2", figures.show("points", 12))
    assert.equal("-0.4", figures.show("points", -4))
    assert.equal("0.0", figures.show("points", 0))
  end)
end)

describe("a month", function()
  it("ends where the next begins, across years", function()
    assert.equal("2027-01-01", engine.period("2026-12").to)
    assert.equal("2025-12-01", engine.period("2026-01").previous_from)
  end)
  it("is refused when it is none", function()
    for _, bad in ipairs { "2026-13", "2026-1", "2026-00", "", "november" } do
      assert.error_matches(function() engine.period(bad) end, "2026-11")
    end
  end)
  it("is the present one where none is given", function()
    test.now "2026-11-21T09:00"
    assert.equal("2026-11", engine.period(nil).month)
  end)
end)

describe("the terminal", function()
  it("counts Chinese characters as two columns", function()
    assert.equal(8, output.width("回访率ab"))
    assert.equal(1, output.width("—"))
  end)
end)

describe("the digest", function()
  it("is SHA-256", function()
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest.hex("abc"))
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest.hex(""))
    assert.equal(digest.hex(("x"):rep(55)) ~= digest.hex(("x"):rep(56)), true)
  end)
end)
