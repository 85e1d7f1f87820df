-- The home page's figures: what waits for this person, what comes next, and the month so far. A few aggregate statements, no row by row.
local clock = require "host.clock"
local db = require "host.db"
local host_point = require "host.point"
local json = require "host.json"
local plugins = require "host.plugins"
local text = require "host.text"
local vault = require "host.vault"
local who = require "host.who"
local menu = require "console.menu"

local M = {}

-- What a number is called, where it leads, and how loud it is when it is not zero.
local TILES = {
  overdue = { zh = "已逾期", en = "Overdue", icon = "ti-alert-triangle", tone = "bg-red-lt", href = "/calls?tab=overdue", loud = true },
  due = { zh = "应回访", en = "Due", icon = "ti-phone-outgoing", tone = "bg-blue-lt", href = "/calls?tab=due" },
  promised = { zh = "已约时间", en = "Promised", icon = "ti-clock", tone = "bg-azure-lt", href = "/calls?tab=promised" },
  second = { zh = "待二次回访", en = "Second calls", icon = "ti-phone-call", tone = "bg-purple-lt", href = "/forms?tab=second" },
  contact = { zh = "待核实号码", en = "Numbers to check", icon = "ti-address-book", tone = "bg-orange-lt", href = "/contact-fixes" },
  answer = { zh = "待答复", en = "To answer", icon = "ti-message-reply", tone = "bg-orange-lt", href = "/forms?tab=answer" },
  late = { zh = "跟踪单超时", en = "Past their limit", icon = "ti-alarm", tone = "bg-red-lt", href = "/forms", loud = true },
  sign = { zh = "待签字", en = "To sign", icon = "ti-signature", tone = "bg-purple-lt", href = "/forms?tab=sign" },
  open = { zh = "未结跟踪单", en = "Open forms", icon = "ti-message-report", tone = "bg-azure-lt", href = "/forms?tab=open" },
  broken = { zh = "有问题的插件", en = "Plugins in trouble", icon = "ti-plug-x", tone = "bg-red-lt", href = "/plugins", loud = true },
  live = { zh = "在用插件", en = "Plugins in force", icon = "ti-plug", tone = "bg-green-lt", href = "/plugins" },
  failed = { zh = "一周内失败的脚本", en = "Scripts failed this week", icon = "ti-player-stop", tone = "bg-orange-lt", href = "/scripts" },
}

local ORDER = {
  specialist = { "overdue", "due", "promised", "second", "contact" },
  supervisor = { "overdue", "due", "contact", "late", "sign", "open" },
  director = { "answer", "late", "open", "overdue" },
  advisor = { "answer", "contact" },
  ["general-manager"] = { "late", "open", "overdue", "due" },
  it = { "broken", "live", "failed" },
}
local RANK = { "specialist", "supervisor", "director", "advisor", "general-manager", "it" }

local function mine(login)
  local calls, forms = menu.tallies "callback", menu.tallies "complaint"
  return {
    due = calls.due, overdue = calls.overdue, promised = calls.promised, contact = calls.contact_fix,
    second = forms.second, answer = forms.to_answer, sign = forms.to_sign, late = forms.overdue, login = login,
  }
end

-- The whole team's calls and forms, for those who answer for others.
local function everybodys(now, today)
  local tomorrow = clock.at(clock.add_days(today, 1))
  local calls = db.one([[SELECT
      SUM(CASE WHEN state = 'open' AND due_on <= ? AND (not_before IS NULL OR not_before < ?) THEN 1 ELSE 0 END) AS due,
      SUM(CASE WHEN (state = 'open' AND due_on < ? AND first_attempt_at IS NULL) OR (state = 'promised' AND promised_at < ?) THEN 1 ELSE 0 END) AS overdue,
      SUM(CASE WHEN state = 'promised' THEN 1 ELSE 0 END) AS promised,
      SUM(CASE WHEN state = 'contact_fix' THEN 1 ELSE 0 END) AS contact
    FROM call_task WHERE state <> 'done']], today, tomorrow, today, now)
  local forms = db.one([[SELECT COUNT(*) AS open,
      SUM(CASE WHEN (state = 'sent' AND answer_due < ?) OR (state = 'answered' AND recheck_due < ?) OR (state = 'open' AND send_by < ?)
          THEN 1 ELSE 0 END) AS late
    FROM complaint_form WHERE state <> 'closed']], now, now, now)
  calls.open, calls.late = forms.open, forms.late
  return calls
end

-- Whether today's export is in already.
function M.imported()
  return db.one("SELECT id FROM archive_import WHERE ended_at IS NOT NULL AND started_at >= ? LIMIT 1", clock.at(clock.today())) ~= nil
end

local function machine()
  local live, broken = 0, 0
  for _, plugin in ipairs(plugins.list()) do
    if plugin.state == "live" and #(plugin.problems or {}) == 0 then live = live + 1 else broken = broken + 1 end
  end
  local failed = db.one("SELECT COUNT(*) AS n FROM host_job WHERE state = 'failed' AND made_at >= ?", clock.now() - 7 * 86400000)
  return { live = live, broken = broken, failed = failed.n }
end

local function wanted()
  local out, seen = {}, {}
  for _, role in ipairs(RANK) do
    for _, id in ipairs(who.has(role) and ORDER[role] or {}) do
      if not seen[id] then out[#out + 1] = id end
      seen[id] = true
    end
  end
  return out
end

function M.tiles()
  local now, today = clock.now(), clock.today()
  local numbers = mine(who.actor().login)
  if who.has("supervisor", "director", "general-manager") and not who.has "specialist" then
    for key, value in pairs(everybodys(now, today)) do numbers[key] = value end
  end
  if who.has "it" then
    for key, value in pairs(machine()) do numbers[key] = value end
  end
  local out = json.array {}
  for _, id in ipairs(wanted()) do
    local tile, n = TILES[id], numbers[id] or 0
    out[#out + 1] = {
      id = id, title = { zh = tile.zh, en = tile.en }, n = n, icon = tile.icon, tone = n > 0 and tile.tone or "bg-secondary-lt",
      loud = tile.loud and n > 0 or false, href = menu.may_open(tile.href) and tile.href or nil,
    }
  end
  return out, numbers
end

local NEXT = {
  promised = { zh = "约定回访", en = "Promised call", icon = "ti-clock", path = "/calls/" },
  second = { zh = "二次回访", en = "Second call", icon = "ti-phone-call", path = "/forms/" },
  answer = { zh = "答复跟踪单", en = "Answer a form", icon = "ti-message-reply", path = "/forms/" },
  reply = { zh = "回复一般问题", en = "Reply to a minor issue", icon = "ti-message-reply", path = "/minor/" },
  contact = { zh = "核实联系方式", en = "Check a number", icon = "ti-address-book", path = "/contact-fixes/" },
  sent = { zh = "等部门答复", en = "Waits for an answer", icon = "ti-message-reply", path = "/forms/" },
  answered = { zh = "等二次回访", en = "Waits for the second call", icon = "ti-phone-call", path = "/forms/" },
  to_sign = { zh = "等主管签字", en = "Waits for a signature", icon = "ti-signature", path = "/forms/" },
  open = { zh = "待送出", en = "To be sent", icon = "ti-send", path = "/forms/" },
}

local function row_of(kind, row, now, today)
  local day, time = clock.split(row.at)
  local what = NEXT[kind]
  return {
    what = { zh = what.zh, en = what.en }, icon = what.icon, href = what.path .. row.id, at = row.at, late = row.at < now,
    when = (day == today and "" or day:sub(6) .. " ") .. time, name = row.name and vault.mask("name", row.name) or "—",
    plate = row.plate and vault.mask("plate", row.plate) or "", no = row.no,
  }
end

local VISIT = [[JOIN archive_visit v ON v.id = x.visit_id JOIN archive_vehicle c ON c.id = v.vehicle_id
  LEFT JOIN archive_customer o ON o.id = COALESCE(v.bringer_id, v.owner_id, v.contact_id)]]

-- What comes next for this person, by the clock, at most eight.
function M.next_steps()
  local now, today, login = clock.now(), clock.today(), who.actor().login
  local list = {}
  local function add(kind, rows)
    for _, row in ipairs(rows) do list[#list + 1] = row_of(kind, row, now, today) end
  end
  if who.has "specialist" then
    add("promised", db.all("SELECT x.id, x.no, x.promised_at AS at, c.plate, o.name FROM call_task x " .. VISIT ..
      " WHERE x.state = 'promised' AND x.assigned_to = ? ORDER BY x.promised_at NULLS FIRST LIMIT 8", login))
    add("second", db.all("SELECT x.id, x.no, x.recheck_due AS at, c.plate, o.name FROM complaint_form x " .. VISIT ..
      " WHERE x.state = 'answered' AND x.specialist = ? AND x.recheck_due IS NOT NULL ORDER BY x.recheck_due LIMIT 8", login))
  end
  if who.has("director", "advisor") then
    add("answer", db.all("SELECT x.id, x.no, x.answer_due AS at, c.plate, o.name FROM complaint_form x " .. VISIT ..
      " WHERE x.state = 'sent' AND x.director = ? ORDER BY x.answer_due LIMIT 8", login))
  end
  if who.has "advisor" then
    local name = who.actor().name
    add("reply", db.all("SELECT x.id, v.order_no AS no, x.answer_due AS at, c.plate, o.name FROM complaint_minor x " .. VISIT ..
      " WHERE x.closed_at IS NULL AND x.replied_at IS NULL AND x.advisor IN (?, ?) ORDER BY x.answer_due LIMIT 8", login, name))
    add("contact", db.all("SELECT x.id, v.order_no AS no, x.answer_due AS at, c.plate, o.name FROM (SELECT f.*, t.visit_id FROM call_contact_fix f " ..
      "JOIN call_task t ON t.id = f.task_id) x " .. VISIT ..
      " WHERE x.closed_at IS NULL AND x.answered_at IS NULL AND x.advisor IN (?, ?) ORDER BY x.answer_due LIMIT 8", login, name))
  end
  if who.has("supervisor", "general-manager") then
    for _, row in ipairs(db.all([[SELECT x.id, x.no, x.state, CASE x.state WHEN 'answered' THEN COALESCE(x.recheck_due, x.answer_due)
        WHEN 'open' THEN x.send_by ELSE x.answer_due END AS at, c.plate, o.name FROM complaint_form x ]] .. VISIT ..
      " WHERE x.state <> 'closed' ORDER BY at LIMIT 8")) do
      add(row.state, { row })
    end
  end
  table.sort(list, function(a, b) return a.at < b.at end)
  local out = json.array {}
  for i = 1, math.min(8, #list) do out[i] = list[i] end
  return out
end

local function successes()
  local codes = {}
  for _, definition in ipairs(host_point "results") do
    if definition.data.success then codes[#codes + 1] = definition.id end
  end
  return codes
end

local function percent(n, d)
  if d == 0 then return "—" end
  local tenths = (2000 * n + d) // (2 * d)
  return ("%d.%d %%"):format(tenths // 10, tenths % 10)
end

local function chart(rows)
  local days, done, open = json.array {}, json.array {}, json.array {}
  for i, row in ipairs(rows) do
    days[i] = tostring(tonumber(row.due_on:sub(9)))
    done[i], open[i] = row.done, row.due - row.done
  end
  local finished, waiting = text.pick { zh = "已完成", en = "Done" }, text.pick { zh = "未完成", en = "Not done" }
  return {
    legend = { data = json.array { finished, waiting }, right = 0, top = 0, itemWidth = 12, itemHeight = 8 },
    xAxis = { type = "category", data = days, axisTick = { show = false } },
    yAxis = { type = "value", minInterval = 1, splitLine = { lineStyle = { color = "#e6eaf0" } } },
    series = json.array {
      { name = finished, type = "bar", stack = "all", data = done, color = "#2fa36b", barMaxWidth = 18 },
      { name = waiting, type = "bar", stack = "all", data = open, color = "#c9d3e0", barMaxWidth = 18 },
    },
  }
end

-- The month so far, by the day the calls were due.
function M.month()
  local today = clock.today()
  local first = today:sub(1, 8) .. "01"
  local codes = successes()
  local marks = #codes > 0 and "?" .. (", ?"):rep(#codes - 1) or "NULL"
  codes[#codes + 1], codes[#codes + 2] = first, today
  local rows = db.all([[SELECT due_on, COUNT(*) AS due, SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS done,
      SUM(CASE WHEN result IN (]] .. marks .. [[) THEN 1 ELSE 0 END) AS reached
    FROM call_task WHERE due_on BETWEEN ? AND ? GROUP BY due_on ORDER BY due_on]], table.unpack(codes))
  local due, done, reached = 0, 0, 0
  for _, row in ipairs(rows) do due, done, reached = due + row.due, done + row.done, reached + row.reached end
  local unhappy = db.one("SELECT COUNT(*) AS n FROM complaint_form WHERE opened_at >= ? AND withdrawn IS NULL", clock.at(first))
  return {
    due = due, done = done, reached = reached, share = percent(reached, due), forms = unhappy.n, any = due > 0, chart = chart(rows),
    month = today:sub(1, 7), report = menu.may_open "/reports" and "/reports" or nil,
  }
end

return M
