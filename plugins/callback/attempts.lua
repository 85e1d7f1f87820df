-- The attempt rule (L5): three attempts, at least two hours apart, on at least two different half-days. Pure but for the clock's zone.

local clock = require "host.clock"

local M = {}

local MINUTE, HOUR = 60 * 1000, 3600 * 1000

function M.half_day(ms)
  local day, hm = clock.split(ms)
  return day .. (hm < "12:00" and "a" or "p")
end

local function half_days(list)
  local seen, n = {}, 0
  for _, at in ipairs(list) do
    local half = M.half_day(at)
    if not seen[half] then n = n + 1 end
    seen[half] = true
  end
  return n
end

local function next_half_day(now, rule)
  local day, hm = clock.split(now)
  if hm < "12:00" then return clock.at(day, rule.afternoon) end
  return clock.at(clock.add_days(day, 1), rule.morning)
end

-- Would the last attempt still leave too few half-days if it were made now?
local function too_few_halves(list, rule) return #list == rule.attempts and half_days(list) < rule.half_days end

local function with(list, at)
  local copy = { table.unpack(list) }
  copy[#copy + 1] = at
  return copy
end

-- counted: instants of the attempts that counted so far. Returns { counts, reason?, last, next_at }: whether one at `now` counts, whether it
-- was the last, and from when on the next one would count.
-- Reckoned in whole minutes, as people read clocks: after 9:00 the next one counts at 11:00, whatever the seconds.
function M.judge(counted, now, rule)
  local gap = rule.attempt_hours * HOUR
  now = now // MINUTE * MINUTE
  local previous = counted[#counted] and counted[#counted] // MINUTE * MINUTE
  if previous and now - previous < gap then
    return { counts = false, last = false, next_at = previous + gap,
             reason = { zh = ("距上次尝试不足 %g 小时，不计次数"):format(rule.attempt_hours),
                        en = ("less than %g hours after the last attempt, so it does not count"):format(rule.attempt_hours) } }
  end
  local all = with(counted, now)
  if too_few_halves(all, rule) then
    return { counts = false, last = false, next_at = next_half_day(now, rule),
             reason = { zh = ("%d 次尝试要分在 %d 个半天，这次不计次数"):format(rule.attempts, rule.half_days),
                        en = ("%d attempts must fall on %d half-days, so this one does not count"):format(rule.attempts, rule.half_days) } }
  end
  local next_at = now + gap
  if too_few_halves(with(all, next_at), rule) then next_at = math.max(next_at, next_half_day(now, rule)) end
  return { counts = true, last = #all >= rule.attempts, next_at = next_at }
end

return M
