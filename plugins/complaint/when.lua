-- Times as people read them. "now" is one instant per page, so that two lines never disagree.
local clock = require "host.clock"

local M = {}
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

-- 11月21日 / 21 Nov
function M.day(day)
  if not day then return nil end
  local _, m, d = day:match("^(%d+)-(%d+)-(%d+)$")
  m, d = math.tointeger(m), math.tointeger(d)
  return { zh = m .. "月" .. d .. "日", en = d .. " " .. MONTHS[m] }
end

-- 11月21日 16:50 / 21 Nov 16:50
function M.short(ms)
  if not ms then return nil end
  local day, hm = clock.split(ms)
  local t = M.day(day)
  return { zh = t.zh .. " " .. hm, en = t.en .. " " .. hm }
end

-- 2026-11-21 16:50
function M.full(ms)
  if not ms then return nil end
  local day, hm = clock.split(ms)
  return day .. " " .. hm
end

local function span(ms)
  local minutes = ms // 60000
  local days, hours = minutes // 1440, minutes % 1440 // 60
  minutes = minutes % 60
  if days > 0 then
    return days .. " 天 " .. hours .. " 小时", days .. " d " .. hours .. " h"
  elseif hours > 0 then
    return hours .. " 小时 " .. minutes .. " 分", hours .. " h " .. minutes .. " min"
  end
  return minutes .. " 分钟", minutes .. " min"
end

-- { overdue, soon, text } of a limit; `what` names it ("部门答复" / "answer").
function M.limit(due, now, what)
  local late = now > due
  local zh, en = span(late and now - due or due - now)
  local at = M.short(due)
  return {
    due = due,
    overdue = late,
    soon = not late and due - now < 2 * 3600000,
    at = at,
    left = late and { zh = "已超期 " .. zh, en = "overdue by " .. en } or { zh = "还有 " .. zh, en = en .. " left" },
    red = late and {
      zh = ("标红原因：%s应在 %s 前完成，已超过 %s。"):format(what.zh, at.zh, zh),
      en = ("Why red: the %s was due by %s, %s ago."):format(what.en, at.en, en),
    } or nil,
  }
end

return M
