local calendar = require "host.calendar"

describe("the calendar", function()
  it("knows days off and make-up days", function()
    assert.is_false(calendar.is_workday "2028-01-03")
    assert.is_true(calendar.is_workday "2028-01-04")
    assert.is_true(calendar.is_workday "2028-01-08", "a Saturday that is worked")
  end)
end)
