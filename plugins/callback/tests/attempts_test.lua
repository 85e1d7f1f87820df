-- The attempt rule L5: three attempts, two hours apart, on two half-days.
local clock = require "host.clock"
local attempts = require "callback.attempts"

local RULE = { attempts = 3, attempt_hours = 2, half_days = 2, morning = "09:00", afternoon = "14:00" }

local function at(text)
  local day, hm = text:match "(%S+) (%S+)"
  return clock.at(day, hm)
end

local function judge(before, now)
  local list = {}
  for i, text in ipairs(before) do list[i] = at(text) end
  return attempts.judge(list, at(now), RULE)
end

local function hm(ms) return ("%s %s"):format(clock.split(ms)) end

describe("the attempt rule", function()
  it("counts the first and asks for two hours", function()
    local j = judge({}, "2026-11-21 09:00")
    assert.is_true(j.counts)
    assert.is_false(j.last)
    assert.equal("2026-11-21 11:00", hm(j.next_at))
  end)

  it("does not count one less than two hours later", function()
    assert.is_false(judge({ "2026-11-21 09:00" }, "2026-11-21 10:59").counts)
    assert.is_true(judge({ "2026-11-21 09:00" }, "2026-11-21 11:00").counts)
  end)

  it("sends the third to another half-day when two were in one", function()
    assert.equal("2026-11-22 09:00", hm(judge({ "2026-11-21 14:00" }, "2026-11-21 16:00").next_at))
    assert.equal("2026-11-21 14:00", hm(judge({ "2026-11-21 07:30" }, "2026-11-21 09:30").next_at))
    local third = judge({ "2026-11-21 14:00", "2026-11-21 16:00" }, "2026-11-21 18:00")
    assert.is_false(third.counts)
    assert.is_false(third.last)
    assert.equal("2026-11-22 09:00", hm(third.next_at))
  end)

  it("is over with the third on two half-days", function()
    local j = judge({ "2026-11-21 09:00", "2026-11-21 11:30" }, "2026-11-21 14:00")
    assert.is_true(j.counts)
    assert.is_true(j.last)
  end)

  it("divides the day at noon", function()
    assert.not_equal(attempts.half_day(at "2026-11-21 11:59"), attempts.half_day(at "2026-11-21 12:00"))
    assert.not_equal(attempts.half_day(at "2026-11-21 12:00"), attempts.half_day(at "2026-11-22 12:00"))
  end)
end)
