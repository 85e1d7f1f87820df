-- Lists of forms by what has to be done, overdue first, and the words that say why a line is red.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local re = require "host.re"
local text = require "host.text"
local vault = require "host.vault"
local who = require "host.who"
local people = require "complaint.people"
local states = require "complaint.states"
local tally = require "complaint.tally"
local when = require "complaint.when"

local M = {}
M.page_size = 50

local WHAT = {
  open = { zh = "送出", en = "sending" },
  sent = { zh = "部门答复", en = "answer" },
  answered = { zh = "二次回访", en = "second call" },
}

local DUE = "CASE f.state WHEN 'open' THEN f.send_by WHEN 'sent' THEN f.answer_due WHEN 'answered' THEN f.recheck_due END"
local COLUMNS = [[SELECT f.id, f.no, f.state, f.round, f.department, f.specialist, f.director, f.problem_sealed, f.topics, f.opened_at,
  f.satisfied, f.withdrawn, f.sign_reason, f.visit_id, v.order_no, v.advisor, a.plate, c.name AS customer, ]] .. DUE .. [[ AS due
  FROM complaint_form f JOIN archive_visit v ON v.id = f.visit_id JOIN archive_vehicle a ON a.id = v.vehicle_id
  LEFT JOIN archive_customer c ON c.id = COALESCE(v.bringer_id, v.owner_id, v.contact_id) ]]

-- The words of the customer without anything that looks like a number to call.
function M.gist(words, length)
  local one = re.gsub(words or "", "\\s+", " ")
  one = re.gsub(one, "\\d{7,}", "***")
  if text.length(one) <= length then return one end
  return text.cut(one, length) .. "…"
end

function M.limit_of(form, now)
  local due = form.due
  if not due or not WHAT[form.state] then return nil end
  return when.limit(due, now, WHAT[form.state])
end

local TABS = {}
function TABS.answer(login)
  local mine = people.answers_for(login, clock.today())
  return "WHERE f.state = 'sent' AND f.director IN (" .. tally.marks(mine) .. ")", mine
end
function TABS.second(login)
  return "WHERE f.state = 'answered' AND f.specialist = ?", { login }
end
function TABS.sign()
  return "WHERE f.state = 'to_sign'", {}
end
function TABS.open()
  return "WHERE f.state <> 'closed'", {}
end
function TABS.mine(login)
  return "WHERE f.specialist = ?", { login }
end
function TABS.all()
  return "WHERE 1 = 1", {}
end

local function show(form, now, directory)
  local limit = M.limit_of(form, now)
  local problem = vault.open("complaint_form", "problem_sealed", form.id, form.problem_sealed)
  local chosen = form.state == "closed" and (form.withdrawn and "withdrawn" or form.satisfied == 1 and "satisfied" or "signed") or nil
  return {
    id = form.id, no = form.no, round = form.round, order_no = form.order_no, visit_id = form.visit_id,
    state = form.state, state_title = states.title[form.state], ["is_" .. form.state] = true,
    closed_well = chosen == "satisfied", closed_signed = chosen == "signed", closed_withdrawn = chosen == "withdrawn",
    department = people.department_title(form.department), specialist = people.name(directory, form.specialist),
    director = people.name(directory, form.director), advisor = form.advisor,
    customer = form.customer and vault.mask("name", form.customer), plate = form.plate and vault.mask("plate", form.plate),
    gist = M.gist(problem, 28), topics = json.decode(form.topics), opened = when.short(form.opened_at), limit = limit,
    open_form = form.state ~= "closed",
  }
end

-- tab: answer second sign open mine all; page from 1. Returns rows and whether there are more.
function M.forms(tab, login, page)
  local now, directory = clock.now(), people.directory()
  local where, args = TABS[tab](login)
  args[#args + 1] = now
  args[#args + 1] = M.page_size + 1
  args[#args + 1] = (page - 1) * M.page_size
  local rows = db.all(COLUMNS .. where .. " ORDER BY CASE WHEN " .. DUE .. " < ? THEN 0 WHEN " .. DUE
    .. " IS NOT NULL THEN 1 WHEN f.state = 'to_sign' THEN 2 ELSE 3 END, CASE WHEN f.state = 'closed' THEN -f.opened_at ELSE "
    .. DUE .. " END, f.id LIMIT ? OFFSET ?", table.unpack(args))
  local more = #rows > M.page_size
  if more then rows[#rows] = nil end
  local out = {}
  for i, form in ipairs(rows) do out[i] = show(form, now, directory) end
  return json.array(out), more
end

local MINOR = [[SELECT m.id, m.day, m.visit_id, m.specialist, m.advisor, m.problem_sealed, m.topics, m.round, m.answer_due, m.replied_at,
  m.recheck_on, m.closed_at, m.satisfied, m.form_id, m.withdrawn, v.order_no, a.plate, c.name AS customer
  FROM complaint_minor m JOIN archive_visit v ON v.id = m.visit_id JOIN archive_vehicle a ON a.id = v.vehicle_id
  LEFT JOIN archive_customer c ON c.id = COALESCE(v.bringer_id, v.owner_id, v.contact_id) ]]

local function show_minor(m, now, directory)
  local problem = vault.open("complaint_minor", "problem_sealed", m.id, m.problem_sealed)
  local due, what
  if not m.closed_at then
    due = m.replied_at and clock.at(m.recheck_on, "23:59") or m.answer_due
    what = m.replied_at and WHAT.answered or { zh = "顾问回复", en = "advisor's reply" }
  end
  return {
    id = m.id, day = when.day(m.day), round = m.round, order_no = m.order_no, visit_id = m.visit_id,
    specialist = people.name(directory, m.specialist), advisor = m.advisor,
    customer = m.customer and vault.mask("name", m.customer), plate = m.plate and vault.mask("plate", m.plate),
    gist = M.gist(problem, 28), limit = due and when.limit(due, now, what), waiting = not m.closed_at and not m.replied_at,
    to_call = not m.closed_at and m.replied_at ~= nil, closed = m.closed_at ~= nil, form_id = m.form_id,
  }
end

-- Open minor issues a person has to do something about: the advisor's to reply, the specialist's to call again.
function M.minors(tab, actor)
  local sql, args
  if tab == "answer" then
    if not who.has("advisor") then return json.array {} end
    sql, args = "WHERE m.closed_at IS NULL AND m.replied_at IS NULL AND m.advisor IN (?, ?)", { actor.login, actor.name }
  elseif tab == "second" then
    sql, args = "WHERE m.closed_at IS NULL AND m.replied_at IS NOT NULL AND m.specialist = ?", { actor.login }
  else
    return json.array {}
  end
  local now, directory, out = clock.now(), people.directory(), {}
  for i, m in ipairs(db.all(MINOR .. sql .. " ORDER BY m.answer_due, m.id LIMIT 200", table.unpack(args))) do
    out[i] = show_minor(m, now, directory)
  end
  return json.array(out)
end

return M
