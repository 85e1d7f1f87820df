local clock = require "host.clock"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local lists = require "complaint.lists"
local people = require "complaint.people"
local tally = require "complaint.tally"

local TITLE = {
  answer = { zh = "待答复", en = "To answer" },
  second = { zh = "待二次回访", en = "Second calls" },
  sign = { zh = "待签字", en = "To sign" },
  open = { zh = "未结案", en = "Open" },
  mine = { zh = "我开的单", en = "Mine" },
  all = { zh = "全部", en = "All" },
}
local EMPTY = {
  answer = {
    zh = "没有等您答复的跟踪单。有新单时这里和邮件都会提醒。",
    en = "Nothing waits for your answer. A new form shows here and comes by mail.",
  },
  second = {
    zh = "没有待二次回访的客户。部门答复后会出现在这里。",
    en = "No second calls. They appear here once the department has answered.",
  },
  sign = {
    zh = "没有待签字的跟踪单。满规定轮次仍不满意的单会出现在这里。",
    en = "Nothing to sign. Forms that stay unsolved after the last round appear here.",
  },
  open = { zh = "没有未结案的跟踪单。", en = "No form is open." },
  mine = { zh = "您还没有开过跟踪单。回访中按 c 可以开单。", en = "You have opened no form yet. Press c during a call to open one." },
  all = { zh = "还没有跟踪单。回访中按 c 可以开单。", en = "There are no forms yet. Press c during a call to open one." },
}

local function tabs_of(actor)
  local tabs = {}
  local answers = #people.answers_for(actor.login, clock.today()) > 1
  if who.has("director", "advisor") or answers then tabs[#tabs + 1] = "answer" end
  if who.has("specialist") then tabs[#tabs + 1] = "second" end
  if who.has("supervisor") then tabs[#tabs + 1] = "sign" end
  if who.has("specialist", "supervisor", "director", "general-manager") then
    tabs[#tabs + 1] = "open"
    if who.has("specialist") then tabs[#tabs + 1] = "mine" end
    tabs[#tabs + 1] = "all"
  end
  return tabs
end

-- The tab asked for if this person has it, else the first with work in it, else the first.
local function choose(tabs, asked, counts)
  for _, id in ipairs(tabs) do
    if id == asked then return id end
  end
  for _, id in ipairs(tabs) do
    if (counts[id] or 0) > 0 then return id end
  end
  return tabs[1]
end

local function specialists()
  local out = json.array {}
  for i, user in ipairs(who.users("specialist")) do out[i] = { login = user.login, name = user.name } end
  return out
end

local function show_tabs(tabs, tab, counts)
  local out = json.array {}
  for i, id in ipairs(tabs) do
    local n = counts[id]
    out[i] = { id = id, title = TITLE[id], active = id == tab, count = n and n > 0 and n or nil }
  end
  return out
end

return page "GET /forms" {
  who = { "specialist", "supervisor", "director", "advisor", "general-manager" },
  params = { tab = "string:10", p = "integer", moved = "integer" },
  template = "forms.html",
  title = { zh = "跟踪单", en = "Tracking forms" },
  menu = { zh = "跟踪单", en = "Tracking", icon = "message-report", order = 20, badge = "complaint.todo" },
  function(req)
    local actor = who.actor()
    local t = tally.of(actor.login, clock.now())
    local counts = { answer = t.to_answer, second = t.second, sign = t.to_sign }
    local tabs = tabs_of(actor)
    local tab = choose(tabs, req.params.tab, counts)
    local at = math.max(req.params.p or 1, 1)
    local rows, more = json.array {}, false
    if tab ~= "answer" or who.has("director", "general-manager") or #people.answers_for(actor.login, clock.today()) > 1 then
      rows, more = lists.forms(tab, actor.login, at)
    end
    local minor = lists.minors(tab, actor)
    return {
      tab = tab, tabs = show_tabs(tabs, tab, counts), rows = rows, any = #rows > 0, minors = minor, any_minors = #minor > 0,
      none = #rows == 0 and #minor == 0, empty = EMPTY[tab], overdue = t.overdue > 0 and t.overdue or nil,
      earlier = at > 1 and at - 1 or nil, later = more and at + 1 or nil, paged = more or at > 1, moved = req.params.moved,
      may_move = who.has("supervisor") and #rows > 0,
      specialists_known = who.has("supervisor"), specialists = who.has("supervisor") and specialists() or json.array {},
      may_delegate = who.has("director", "supervisor"),
    }
  end,
}
