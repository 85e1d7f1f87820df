-- Badge numbers of one person. One statement, because the frame asks on every page.
local clock = require "host.clock"
local db = require "host.db"
local who = require "host.who"
local people = require "complaint.people"

local M = {}

local function person(login)
  local actor = who.actor()
  if actor.login == login then return actor end
  return people.directory()[login] or { login = login, name = login, roles = {} }
end

local function holds(user, role)
  for _, r in ipairs(user.roles or {}) do
    if r == role then return true end
  end
  return false
end

-- Placeholders for a list, because SQL has no array parameter.
function M.marks(list)
  return "?" .. (", ?"):rep(#list - 1)
end

local function counts(sql, ...)
  local row = db.one(sql, ...)
  return row.n or 0, row.late or 0
end

function M.of(login, now)
  local user, today = person(login), clock.today()
  local mine = people.answers_for(login, today)
  local args = { now, table.unpack(mine) }
  local answer, answer_late = counts([[SELECT COUNT(*) AS n, SUM(CASE WHEN answer_due < ? THEN 1 ELSE 0 END) AS late
    FROM complaint_form WHERE state = 'sent' AND director IN (]] .. M.marks(mine) .. ")", table.unpack(args))
  local reply, reply_late = 0, 0
  if holds(user, "advisor") then
    reply, reply_late = counts([[SELECT COUNT(*) AS n, SUM(CASE WHEN answer_due < ? THEN 1 ELSE 0 END) AS late FROM complaint_minor
      WHERE closed_at IS NULL AND replied_at IS NULL AND advisor IN (?, ?)]], now, user.login, user.name)
  end
  local second, second_late = counts([[SELECT COUNT(*) AS n, SUM(CASE WHEN recheck_due < ? THEN 1 ELSE 0 END) AS late
    FROM complaint_form WHERE state = 'answered' AND specialist = ?]], now, login)
  local minor, minor_late = counts([[SELECT COUNT(*) AS n, SUM(CASE WHEN recheck_on < ? THEN 1 ELSE 0 END) AS late
    FROM complaint_minor WHERE closed_at IS NULL AND replied_at IS NOT NULL AND recheck_on <= ? AND specialist = ?]], today, today, login)
  local sign, late = 0, answer_late + reply_late + second_late + minor_late
  if holds(user, "supervisor") then
    sign = counts("SELECT COUNT(*) AS n FROM complaint_form WHERE state = 'to_sign'")
    late = select(2, counts([[SELECT COUNT(*) AS n, SUM(CASE WHEN (state = 'sent' AND answer_due < ?)
      OR (state = 'answered' AND recheck_due < ?) OR (state = 'open' AND send_by < ?) THEN 1 ELSE 0 END) AS late
      FROM complaint_form WHERE state <> 'closed']], now, now, now))
  end
  return {
    to_answer = answer + reply, second = second + minor, to_sign = sign, overdue = late,
    todo = answer + reply + second + minor + sign,
  }
end

return M
