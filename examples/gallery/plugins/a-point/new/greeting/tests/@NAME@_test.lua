it("is said at night", function()
  test.now "2026-11-21T03:00"
  assert.is_not_nil(require "a-point".now())
end)
