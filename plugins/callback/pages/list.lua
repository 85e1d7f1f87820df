-- The specialist's morning: what is due, overdue, promised, to be called a second time, and what waits for contact data.
local clock = require "host.clock"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local vault = require "host.vault"
local archive = require "archive"
local complaint = require "complaint"
local tasks = require "callback.tasks"

local TITLE = {
  due = { zh = "应回访", en = "Due" },
  overdue = { zh = "逾期", en = "Overdue" },
  promised = { zh = "已约时间", en = "Promised" },
  second = { zh = "二次回访", en = "Second calls" },
  contact = { zh = "联系方式", en = "Contact data" },
}
local EMPTY = {
  due = { zh = "今天应回访的都打完了。还没有名单时，点右上角“生成名单”。", en = "Everything due is done. If there is no list yet, press 'Make the list' above." },
  overdue = { zh = "没有逾期的回访。", en = "Nothing is overdue." },
  promised = { zh = "没有约好时间的客户。通话中按 t 可以改约。", en = "Nobody has been promised a time. Press t during a call to agree one." },
  second = { zh = "没有要二次回访的客户。部门答复跟踪单后会出现在这里。", en = "No second calls. They appear here once a department has answered its form." },
  contact = { zh = "没有等待核实的联系方式。", en = "No contact data waits to be checked." },
}

-- login nil: everybody's, with whose they are.
local function second_rows(login, m)
  local rows, ids, names = json.array {}, {}, login and {} or who.names()
  for i, call in ipairs(complaint.second_calls(login)) do
    rows[i], ids[i] = call, call.visit_id
  end
  local visits = #ids > 0 and archive.visits(ids) or {}
  for _, row in ipairs(rows) do
    local v = visits[tostring(row.visit_id)] or {}
    row.customer, row.plate = v.name and vault.mask("name", v.name) or "—", v.plate and vault.mask("plate", v.plate) or ""
    row.order_no, row.model = v.order_no or "", v.model or v.series or ""
    row.assigned = not login and (names[row.specialist] or row.specialist)
    row.recheck_late = row.recheck_due ~= nil and row.recheck_due < m.now
    row.recheck = row.recheck_due and ("%s %s"):format(clock.split(row.recheck_due)) or "—"
  end
  return rows
end

local function tabs(active, counts)
  local out = json.array {}
  for i, id in ipairs(tasks.TABS) do
    local n = counts[id == "contact" and "contact_fix" or id]
    out[i] = { tab_id = id, title = TITLE[id], active = id == active, n = n, alarm = id == "overdue" and n > 0 }
  end
  return out
end

local function short(day) return tonumber(day:sub(6, 7)), tonumber(day:sub(9, 10)) end
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local function say_day(day)
  if not day then return { zh = "—", en = "—" } end
  local m, d = short(day)
  return { zh = ("%d月%d日"):format(m, d), en = ("%d %s"):format(d, MONTHS[m]) }
end

-- Every name the template reads is set here: a missing one would be looked for outside the row.
local function for_list(row)
  local claimed = row.claimed
  return {
    id = tostring(row.id), no = row.no, customer = row.customer, plate = row.plate or "", model = row.model or row.series or "", order_no = row.order_no,
    kind = tasks.work_shown(row.kind), advisor = row.advisor or "—", due = say_day(row.due_on), due_on = row.due_on, settled = say_day(row.settled_on),
    picked = say_day(row.picked_up_on), overdue = row.overdue == true, overdue_days = row.overdue_days or 0, preferred = row.preferred_time or false,
    again = row.again or false, later = row.later or false, claimed = claimed or false, claimed_mine = claimed and claimed.login == who.actor().login,
    may_dial = who.has "specialist" and (not claimed or claimed.login == who.actor().login),
    promised = row.promised_at and { day = say_day(row.promised_day), hm = row.promised_hm } or false, promise_late = row.promise_late == true,
    promise_today = row.promise_today == true, assigned = row.assigned_name or false,
    answer = row.answer_due and { day = say_day(row.answer_day), hm = row.answer_hm } or false, answer_late = row.answer_late == true,
  }
end

local function rows_of(list)
  local out = json.array {}
  for i, row in ipairs(list.rows) do out[i] = for_list(row) end
  return out
end

local function whose(req)
  if not tasks.looks_at_all() then return who.actor().login, false end
  local login = req.params.who
  return login ~= "" and login or nil, true
end

local function people(chosen)
  local out = json.array {}
  for i, user in ipairs(who.users "specialist") do out[i] = { login = user.login, person = user.name, chosen = user.login == chosen } end
  return out
end

return page "GET /calls" {
  who = { "specialist", "supervisor", "director", "general-manager" },
  params = { tab = "string:16", p = "integer", who = "string:80" },
  template = "list.html",
  title = { zh = "电话回访", en = "Calls" },
  menu = { zh = "电话回访", en = "Calls", icon = "phone", order = 10, badge = "callback.due" },
  function(req)
    local login, all = whose(req)
    local m = tasks.moment()
    local tab = TITLE[req.params.tab] and req.params.tab or "due"
    local second = second_rows(login, m)
    local counts = { due = tasks.count("due", login, m), overdue = tasks.count("overdue", login, m), promised = tasks.count("promised", login, m),
                     second = #second, contact_fix = tasks.count("contact", login, m) }
    local list = tab ~= "second" and tasks.list(tab, login, req.params.p or 1, m)
    local rows = list and rows_of(list) or second
    local score = tasks.day_score(login or who.actor().login, m)
    return {
      tab = tab, tabs = tabs(tab, counts), rows = rows, none = #rows == 0, any_task = list and #rows > 0, any_second = not list and #rows > 0,
      empty = EMPTY[tab], score = score, show_score = who.has "specialist", percent = score.target > 0 and tostring(score.done * 100 // score.target) or "0",
      all = all, people = people(login), chosen = login or "", earlier = list and list.page > 1 and list.page - 1 or false,
      later_page = list and list.page < list.pages and list.page + 1 or false, page_no = list and list.page or 1, pages = list and list.pages or 1,
      may_make = who.has("specialist", "supervisor"), may_move = who.has "supervisor", can_call = who.has "specialist",
      counts = counts, day = m.today,
    }
  end,
}
