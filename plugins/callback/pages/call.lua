-- The call window, and what is done in it. Opening it claims the call; each act renews the claim.
local clock = require "host.clock"
local page = require "host.page"
local survey = require "survey"
local who = require "host.who"
local calls = require "callback.calls"
local claims = require "callback.claims"
local tasks = require "callback.tasks"
local window = require "callback.window"
local archive = require "archive"

local CALLERS = { "specialist", "supervisor" }

-- what, code: "kept" or "undone" and the result, which the call then says.
local function to_call(id, what, code)
  return page.redirect(("/calls/%s%s"):format(tostring(id), what and ("?%s=%s"):format(what, code) or ""))
end

local function filled(s) return s and s:find "%S" and s or nil end

local function instant(day, hm)
  if not filled(day) or not filled(hm) then return nil end
  if not clock.is_day(day) or not hm:find "^%d%d:%d%d$" then
    error({ zh = "日期或时间填得不对，例如 2026-11-21 和 14:30。", en = "The day or the time is not right; write 2026-11-21 and 14:30." }, 0)
  end
  return clock.at(day, hm)
end

return {
  page "GET /calls/:id" {
    who = { "specialist", "supervisor", "director", "general-manager" },
    params = { id = "id!", kept = "string:32", undone = "string:32" },
    template = "call.html",
    title = { zh = "回访通话", en = "Call" },
    function(req)
      local p = req.params
      local task, mine, unwritten = window.open(p.id)
      local view = window.view(task, mine)
      view.unwritten = unwritten and { why = unwritten, disk = unwritten == "disk", busy = unwritten == "busy" } or false
      view.kept, view.undone_now = window.result(p.kept), window.result(p.undone)
      return view
    end,
  },
  page "POST /calls/:id/claim" {
    who = CALLERS,
    params = { id = "id!" },
    function(req)
      claims.need(req.params.id)
      return to_call(req.params.id)
    end,
  },
  page "POST /calls/:id/release" {
    who = CALLERS,
    params = { id = "id!" },
    function(req)
      claims.release(req.params.id)
      return page.redirect "/calls"
    end,
  },
  page "POST /calls/:id/answer" {
    who = CALLERS,
    params = { id = "id!", item = "string:64!", value = "text:8000", reason = "text:8000" },
    function(req)
      local task = claims.need(req.params.id)
      local p = req.params
      local sheet
      if filled(p.value) then sheet = survey.answer(task.sheet_id, p.item, p.value, p.reason) else sheet = survey.clear(task.sheet_id, p.item) end
      local state = window.state(sheet)
      state.ok = true
      return state
    end,
  },
  page "POST /calls/:id/result" {
    who = CALLERS,
    params = { id = "id!", code = "string:32!", phone = "id", note = "text:4000", day = "string:10", time = "string:5" },
    function(req)
      local p = req.params
      local done = calls.result(p.id, { code = p.code, phone = p.phone, note = filled(p.note), at = instant(p.day, p.time) })
      if done.state == "open" and not done.not_before then return to_call(p.id, "kept", p.code) end
      return page.redirect(("/calls/%s/done"):format(tostring(p.id)))
    end,
  },
  page "POST /calls/:id/finish" {
    who = CALLERS,
    params = { id = "id!", how = "string:16", problem = "text:8000", department = "string:32", phone = "id", note = "text:4000" },
    function(req)
      local p = req.params
      calls.finish(p.id, { how = filled(p.how), problem = filled(p.problem), department = filled(p.department), phone = p.phone, note = filled(p.note) })
      return page.redirect(("/calls/%s/done"):format(tostring(p.id)))
    end,
  },
  page "GET /calls/:id/done" {
    who = { "specialist", "supervisor" },
    params = { id = "id!" },
    template = "done.html",
    title = { zh = "已记录", en = "Recorded" },
    function(req)
      local task = claims.task(req.params.id)
      local view = window.view(task, false)
      local m, me = tasks.moment(), who.actor().login
      view.last = view.attempts_made[1] or false
      view.who = view.people[1] and view.people[1].name or "—"
      view.next_id = tasks.next(me, task.id) or false
      view.score = tasks.day_score(me, m)
      view.not_before = task.not_before and ("%s %s"):format(clock.split(task.not_before)) or false
      return view
    end,
  },
  page "POST /calls/:id/undo" {
    who = CALLERS,
    params = { id = "id!" },
    function(req)
      local undone = calls.undo(req.params.id)
      return to_call(req.params.id, "undone", undone.result)
    end,
  },
  page "POST /calls/:id/correct" {
    who = CALLERS,
    params = { id = "id!", reason = "text:2000!", result = "string:32" },
    function(req)
      calls.correct(req.params.id, { reason = req.params.reason, result = filled(req.params.result) })
      return to_call(req.params.id)
    end,
  },
  page "POST /calls/:id/phone" {
    who = CALLERS,
    params = { id = "id!", customer = "id!", number = "string:40!" },
    function(req)
      local task = claims.need(req.params.id)
      local on_order = false
      for _, person in ipairs(archive.card(task.visit_id).people) do
        if person.customer_id == req.params.customer then on_order = true end
      end
      if not on_order then error({ zh = "这个人不在这张工单上。", en = "This person is not on this work order." }, 0) end
      archive.add_number(req.params.customer, req.params.number, "call")
      return to_call(req.params.id)
    end,
  },
  page "GET /call-next" {
    who = { "specialist" },
    params = { after = "id" },
    function(req)
      local id = tasks.next(who.actor().login, req.params.after)
      if id then return to_call(id) end
      return page.redirect "/calls"
    end,
  },
  page "GET /call-reminders" {
    who = { "specialist", "supervisor", "director", "general-manager" },
    template = "reminders.html",
    frame = false,
    function() return { rows = tasks.reminders(who.actor().login) } end,
  },
}
