-- Mails: that something waits, where it stands and until when. No name, no number, no word of the customer: the mail leaves the house,
-- the form does not.
local mail = require "host.mail"
local settings = require "host.settings"
local vault = require "host.vault"
local who = require "host.who"
local people = require "complaint.people"
local when = require "complaint.when"

local M = {}

local function place(path)
  local url = settings.get().console_url
  if url == "" then return { zh = "请登录系统查看。", en = "Please sign in to read it." } end
  local full = url .. "/" .. who.dealership().id .. path
  return { zh = "请登录查看：" .. full, en = "Please sign in to read it: " .. full }
end

local function post(user, key, subject, lines, path)
  if not user or not user.mail or user.mail == "" then return false end
  local at = place(path)
  local zh, en = {}, {}
  for _, line in ipairs(lines) do
    zh[#zh + 1], en[#en + 1] = line.zh, line.en
  end
  zh[#zh + 1], en[#en + 1] = at.zh, at.en
  return mail.send {
    to = user.mail, lang = user.lang, subject = subject, key = key .. ":" .. user.login,
    body = { zh = table.concat(zh, "\n") .. "\n", en = table.concat(en, "\n") .. "\n" },
  }
end

local function car(visit)
  local plate = visit and visit.plate and vault.mask("plate", visit.plate) or "—"
  return { zh = "车辆：" .. plate, en = "Vehicle: " .. plate }
end

-- Who is told: who answers, his deputy of today, and for another department's form the after-sales director too (S4, flow 2), who has
-- nothing to answer there.
local function told_of(form, day, accused)
  local list = {}
  local function add(login, answers)
    if login then list[#list + 1] = { login = login, answers = answers } end
  end
  add(form.director, true)
  add(form.director and people.deputy(form.director, day), true)
  local director = form.department ~= "service" and people.answerer("service", accused)
  add(director and director.login, false)
  return list
end

local function subject_of(form, answers)
  local due = when.full(form.answer_due)
  if not answers then
    return { zh = ("【知会】%s 第%d轮已送出"):format(form.no, form.round), en = ("[For your information] %s, round %d"):format(form.no, form.round) }
  end
  return {
    zh = ("【待答复】%s 第%d轮，%s 前"):format(form.no, form.round, due),
    en = ("[Answer wanted] %s, round %d, by %s"):format(form.no, form.round, due),
  }
end

function M.sent(form, visit, day)
  local directory, accused, told = people.directory(), people.accused(form), {}
  local department, due = people.department_title(form.department), when.full(form.answer_due)
  local lines = {
    { zh = "客户不满意问题跟踪单：" .. form.no, en = "Tracking form: " .. form.no },
    { zh = "责任部门：" .. department.zh, en = "Department: " .. department.en },
    car(visit),
    { zh = "答复期限：" .. due, en = "Answer due: " .. due },
  }
  for _, t in ipairs(told_of(form, day, accused)) do
    local user = directory[t.login]
    if user and not told[t.login] and not people.is_accused(accused, user) then
      told[t.login] = true
      post(user, ("form:%d:sent:%d"):format(form.id, form.round), subject_of(form, t.answers), lines,
        ("/forms/%d%s"):format(form.id, t.answers and "/answer" or ""))
    end
  end
end

function M.answered(form)
  local subject = {
    zh = ("【待二次回访】%s 已答复"):format(form.no),
    en = ("[Second call] %s has been answered"):format(form.no),
  }
  local lines = {
    { zh = "部门已答复 " .. form.no .. "，请进行二次回访。", en = form.no .. " has been answered; please make the second call." },
    { zh = "回访期限：" .. when.full(form.recheck_due), en = "Due: " .. when.full(form.recheck_due) },
  }
  post(people.directory()[form.specialist], ("form:%d:answered:%d"):format(form.id, form.round), subject, lines,
    ("/forms/%d/second-call"):format(form.id))
end

function M.to_sign(form)
  local subject = { zh = "【待签字】" .. form.no, en = "[To sign] " .. form.no }
  local lines = { {
    zh = ("%s 经过 %d 轮仍未结案，请主管决定。"):format(form.no, form.round),
    en = ("%s is not settled after %d round(s); please decide."):format(form.no, form.round),
  } }
  for _, user in ipairs(who.users("supervisor")) do
    post(user, ("form:%d:to_sign:%d"):format(form.id, form.round), subject, lines, ("/forms/%d"):format(form.id))
  end
end

function M.minor(minor, visit)
  local due = when.full(minor.answer_due)
  local subject = { zh = "【待回复】售后一般问题，" .. due .. " 前", en = "[Reply wanted] Minor issue, by " .. due }
  local lines = { car(visit), { zh = "回复期限：" .. due, en = "Reply due: " .. due } }
  post(people.user_of_advisor(minor.advisor), ("minor:%d:opened:%d"):format(minor.id, minor.round), subject, lines,
    ("/minor/%d"):format(minor.id))
end

return M
