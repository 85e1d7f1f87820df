it("answers with what others contributed, and nothing where nobody did", function()
  test.now "2026-11-21T09:00"
  assert.same({ zh = "早上好", en = "Good morning" }, require "a-point".now())
  test.now "2026-11-21T20:00"
  assert.is_nil(require "a-point".now())
end)
