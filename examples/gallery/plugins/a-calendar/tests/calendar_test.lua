local calendar = require "host.calendar"

it("moves a limit over the inspection to the make-up Saturday", function()
  assert.is_false(calendar.is_workday "2029-06-28")
  assert.equal("2029-06-30", calendar.add_workdays("2029-06-27", 1))
end)
