-- Domain M4: +1, +3, +10, +20 working days, and the number of working days in each month of two years.
local calendar = require "host.calendar"
local clock = require "host.clock"

local M4 = {
  { "2025-01-24", "2025-01-26", "2025-02-05", "2025-02-13", "2025-02-27" },
  { "2025-04-03", "2025-04-07", "2025-04-09", "2025-04-18", "2025-05-06" },
  { "2025-09-30", "2025-10-09", "2025-10-11", "2025-10-21", "2025-11-04" },
  { "2026-01-02", "2026-01-04", "2026-01-06", "2026-01-15", "2026-01-29" },
  { "2026-02-13", "2026-02-14", "2026-02-25", "2026-03-05", "2026-03-19" },
  { "2026-02-14", "2026-02-24", "2026-02-26", "2026-03-06", "2026-03-20" },
  { "2026-04-30", "2026-05-06", "2026-05-08", "2026-05-18", "2026-06-01" },
  { "2026-05-08", "2026-05-09", "2026-05-12", "2026-05-21", "2026-06-04" },
  { "2026-09-18", "2026-09-20", "2026-09-22", "2026-10-09", "2026-10-22" },
  { "2026-09-30", "2026-10-08", "2026-10-10", "2026-10-20", "2026-11-03" },
  { "2026-10-09", "2026-10-10", "2026-10-13", "2026-10-22", "2026-11-05" },
  { "2026-11-20", "2026-11-23", "2026-11-25", "2026-12-04", "2026-12-18" },
}
local MONTHS = {
  [2025] = { 19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23 },
  [2026] = { 21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23 },
}

local function workdays_of(year, month)
  local day, n = string.format("%04d-%02d-01", year, month), 0
  local prefix = day:sub(1, 7)
  while day:sub(1, 7) == prefix do
    if calendar.is_workday(day) then n = n + 1 end
    day = clock.add_days(day, 1)
  end
  return n
end

describe("the statutory calendar", function()
  it("counts working days as in M4", function()
    for _, row in ipairs(M4) do
      for i, n in ipairs { 1, 3, 10, 20 } do
        assert.equal(row[i + 1], calendar.add_workdays(row[1], n))
      end
    end
  end)

  it("has 248 working days in 2025 and in 2026, month by month", function()
    for year, months in pairs(MONTHS) do
      for month, n in ipairs(months) do assert.equal(n, workdays_of(year, month)) end
    end
  end)

  it("knows the statutory days of 2027", function()
    assert.is_false(calendar.is_workday("2027-02-08"))
    assert.is_true(calendar.is_workday("2027-02-09"))
  end)

  it("refuses to guess a year without data", function()
    assert.error_matches(function() calendar.is_workday("2031-01-02") end, "2031")
  end)
end)

describe("a limit of one working day", function()
  local function due(day, hhmm)
    local d = calendar.due { from = clock.at(day, hhmm), workdays = 1, cutoff = "17:00", close = "17:30" }
    local on, at = clock.split(d.at)
    return on .. " " .. at, d
  end

  it("ends at 17:30 of the next working day, the make-up Saturday included", function()
    assert.equal("2026-02-14 17:30", (due("2026-02-13", "16:50")))
    assert.equal("2026-02-24 17:30", (due("2026-02-14", "10:00")))
    assert.equal("2026-10-08 17:30", (due("2026-09-30", "16:59")))
  end)

  it("counts from the next working day on what comes at 17:00 or later", function()
    assert.equal("2026-02-24 17:30", (due("2026-02-13", "17:00")))
    assert.equal("2026-11-24 17:30", (due("2026-11-20", "18:05")))
  end)

  it("says how it was reckoned in both languages", function()
    local _, d = due("2026-02-13", "17:00")
    assert.is_true(#d.steps >= 3)
    for _, step in ipairs(d.steps) do
      assert.is_true(step.zh ~= "" and step.en ~= "" and step.day ~= nil)
    end
    assert.equal("due", d.steps[#d.steps].kind)
  end)
end)
