-- Who answers, who may act. The one rule that has no exception: whom the customer complains about never handles the form.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local settings = require "host.settings"
local who = require "host.who"

local M = {}

-- login -> user, of all who work here.
function M.directory()
  local all = {}
  for _, user in ipairs(who.users()) do all[user.login] = user end
  return all
end

-- Who works here no more has a name, too; asked for once a directory.
local NAMES = {}

function M.name(directory, login)
  if not login then return nil end
  if directory[login] then return directory[login].name end
  directory[NAMES] = directory[NAMES] or who.names()
  return directory[NAMES][login] or login
end

local function has_role(user, role)
  for _, r in ipairs(user.roles or {}) do
    if r == role then return true end
  end
  return false
end

-- Names and logins that must not touch the form.
function M.accused(form)
  local list = {}
  for _, name in ipairs(json.decode(form.accused or "[]")) do list[name] = true end
  return list
end

function M.is_accused(accused, user)
  return accused[user.login] or (user.name and accused[user.name]) or false
end

function M.refuse_accused(form, user)
  if M.is_accused(M.accused(form), user) then
    error({
      zh = "客户投诉的正是您本人，按规定由他人处理这张单。请交给主管安排。",
      en = "The customer complains about you, so somebody else has to handle this form. Ask the supervisor to arrange it.",
    }, 0)
  end
end

function M.refuse_as_handler(form, user)
  if M.is_accused(M.accused(form), user) then
    error({
      zh = ("客户投诉的正是%s，%s 不能交给本人处理。"):format(user.name, form.no),
      en = ("The customer complains about %s, who therefore cannot get %s."):format(user.name, form.no),
    }, 0)
  end
end

-- The deputy of today, or nil.
function M.deputy(login, day)
  local row = db.one([[SELECT deputy FROM complaint_delegation
    WHERE login = ? AND from_day <= ? AND to_day >= ? ORDER BY made_at DESC LIMIT 1]], login, day, day)
  return row and row.deputy
end

-- Logins for which this one answers today: himself and who delegated to him.
function M.answers_for(login, day)
  local set, list = { [login] = true }, { login }
  for _, row in ipairs(db.all([[SELECT login FROM complaint_delegation
      WHERE deputy = ? AND from_day <= ? AND to_day >= ? ORDER BY made_at]], login, day, day)) do
    if not set[row.login] then
      set[row.login] = true
      list[#list + 1] = row.login
    end
  end
  return list, set
end

local function first_of(role, accused)
  local best
  for _, user in ipairs(who.users(role)) do
    if not M.is_accused(accused, user) and (not best or user.login < best.login) then best = user end
  end
  return best
end

-- To whom a department's form goes: the one named in the settings, else the director, else the general manager.
function M.answerer(department, accused)
  local login = settings.get().answerers[department]
  if login then
    local user = M.directory()[login]
    if user and not M.is_accused(accused, user) then return user end
  end
  return first_of("director", accused) or first_of("general-manager", accused)
end

function M.may_answer(form, actor)
  if not form.director or M.is_accused(M.accused(form), actor) then return false end
  local _, set = M.answers_for(actor.login, clock.today())
  return set[form.director] or false
end

function M.refuse_stranger(form, actor)
  if who.has("specialist", "supervisor", "director", "general-manager") or M.may_answer(form, actor) then return end
  error({ zh = "您没有查看这张跟踪单的权限。", en = "You may not see this tracking form." }, 0)
end

-- An advisor answers for his own jobs; the DMS knows him by name.
function M.is_advisor_of(advisor, actor)
  return advisor ~= nil and (advisor == actor.login or advisor == actor.name)
end

function M.user_of_advisor(advisor)
  if not advisor then return nil end
  for _, user in ipairs(who.users("advisor")) do
    if user.name == advisor or user.login == advisor then return user end
  end
end

function M.specialist(login)
  local user = M.directory()[login]
  if user and has_role(user, "specialist") then return user end
  error({
    zh = "“" .. tostring(login) .. "”不是客服专员，请从名单中选择。",
    en = "'" .. tostring(login) .. "' is no call specialist; choose one of the list.",
  }, 0)
end

function M.department(id)
  for _, d in ipairs(settings.get().departments) do
    if d.id == id then return d end
  end
  error({
    zh = "没有责任部门“" .. tostring(id) .. "”，请从名单中选择。",
    en = "There is no department '" .. tostring(id) .. "'; choose one of the list.",
  }, 0)
end

function M.department_title(id)
  for _, d in ipairs(settings.get().departments) do
    if d.id == id then return { zh = d.zh, en = d.en } end
  end
  return { zh = id, en = id }
end

return M
