-- What other plugins may ask about call-backs, and the acts of a call for who works without its window (a telephone system, an operator's
-- script). Such a caller may bring any actor: each act asks for the role that its page asks for.
local survey = require "survey"
local who = require "host.who"
local calls = require "callback.calls"
local claims = require "callback.claims"
local contact = require "callback.contact"
local due = require "callback.due"
local tasks = require "callback.tasks"
local window = require "callback.window"

local M = {}

local function need(...)
  if who.has(...) then return end
  error({ zh = "您没有这项操作的权限：回访由客服专员或主管进行。",
          en = "You have no right to do that: calls are made by a specialist or the supervisor." }, 0)
end

local function need_caller() need("specialist", "supervisor") end

function M.due(day) return due.run_told(day) end
function M.tallies(login) return tasks.tallies(login) end
-- Tasks of a visit, each with `history`, its attempts (newest first); and why it is not called, if it is not.
function M.for_visit(visit_id) return tasks.for_visit(visit_id) end
function M.exclusions(visit_id) return tasks.exclusions_of(visit_id) end

-- Claims a call for the actor, renews the claim; says who else has it. Returns { visit_id, state, sheet_id }.
function M.claim(id)
  need_caller()
  claims.need(id)
  local task = window.open(id)
  return { visit_id = task.visit_id, state = task.state, sheet_id = task.sheet_id }
end

-- One answer in a claimed call; a nil value takes it back. Returns where the sheet stands: { items = { id = { shown, ask_reason, done } },
-- sections = { id = shown }, answered, total, score, unhappy, serious }.
function M.answer(id, item, value, reason)
  need_caller()
  local task = claims.need(id)
  if not task.sheet_id then task = window.open(id) end
  if value == nil then return window.state(survey.clear(task.sheet_id, item)) end
  return window.state(survey.answer(task.sheet_id, item, value, reason))
end

-- What came of a call: o = { code, phone?, at?, note? } -> { state, counts, reason?, not_before? }.
function M.record(id, o)
  need_caller()
  return calls.result(id, o)
end

-- The questionnaire is done: o = { how?, problem?, department?, phone?, note? } -> { code, complaint? }.
function M.finish(id, o)
  need_caller()
  return calls.finish(id, o)
end

-- A line of the contact-data list: o = { what = "number"|"same"|"none", number?, customer?, reply? } -> { next_call_on? }.
function M.contact_answer(fix_id, o)
  need("specialist", "supervisor", "director", "advisor")
  return contact.answer(fix_id, o)
end

return M
