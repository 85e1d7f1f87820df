-- Who is to be called: one pass over the visits that are due by a day. Happy path: a visit without task or exclusion is decided, the decision
-- is recorded with its facts, and a task or an exclusion stands in the store in the same transaction. Run twice it makes nothing twice:
-- task and exclusion are unique by visit and questionnaire, and what is settled is looked at only when its facts changed and nobody
-- has called yet. An interrupted pass leaves whole batches; the next one goes on.

local db = require "host.db"
local progress = require "host.progress"
local rules = require "host.rules"
local counter = require "host.counter"
local clock = require "host.clock"
local vault = require "host.vault"
local json = require "host.json"
local point = require "host.point"
local settings = require "host.settings"
local facts = require "callback.facts"

local M = {}

local BATCH = 200

-- The questionnaires that are asked by telephone about a visit, each with the set that decides for it.
local function targets()
  local sets, out = {}, {}
  for _, d in ipairs(point "exclusions") do sets[d.id] = d end
  for _, d in ipairs(point "questionnaires") do
    if d.data.about == "visit" and d.data.via == "phone" then
      out[#out + 1] = { questionnaire = d.id, set = sets[d.id] or sets.default }
    end
  end
  if #out == 0 then
    error({ zh = "没有生效的售后电话问卷：请安装问卷包，或检查插件页面上的错误。",
            en = "No questionnaire by telephone about a visit is in force: install a pack, or look at the errors on the plugins page." }, 0)
  end
  return out
end

local function due_day(row, days)
  local base = row.settled_on
  if row.picked_up_on and row.picked_up_on > base then base = row.picked_up_on end
  return clock.add_days(base, days)
end

local function because(target, result, known)
  local text = result.because or result.rule == "otherwise" and target.set.data.otherwise_because or { zh = "", en = "" }
  local detail = result.outcome.detail and known[result.outcome.detail]
  if detail == nil then return text end
  return { zh = ("%s：%s"):format(text.zh, tostring(detail)), en = ("%s: %s"):format(text.en, tostring(detail)) }
end

local function when_due(row, days, due_on, text)
  local pick = row.picked_up_on
  return { zh = ("%s：结算 %s，交车 %s，较晚一天加 %d 天是 %s"):format(text.zh, row.settled_on, pick, days, due_on),
           en = ("%s: settled %s, picked up %s, %d days after the later one is %s"):format(text.en, row.settled_on, pick, days, due_on) }
end

local function number(due_on)
  local compact = due_on:gsub("-", "")
  return ("HF-%s-%03d"):format(compact, counter.next("HF-" .. compact))
end

local function drop_exclusion(row)
  if row.exclusion_id then db.run("DELETE FROM call_exclusion WHERE id = ?", row.exclusion_id) end
end

local function keep_task(target, row, verdict)
  local reason = verdict.reason
  if row.task_id then
    db.run([[UPDATE call_task SET due_on = ?, decision_id = ?, rule = ?, reason_zh = ?, reason_en = ?, facts_hash = ? WHERE id = ?]],
      verdict.due_on, verdict.decision, verdict.rule, reason.zh, reason.en, verdict.hash, row.task_id)
    return row.no
  end
  drop_exclusion(row)
  local no = number(verdict.due_on)
  db.run([[INSERT INTO call_task (id, no, visit_id, questionnaire, due_on, state, decision_id, rule, reason_zh, reason_en, facts_hash, made_at)
           VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)]],
    db.id(), no, row.id, target.questionnaire, verdict.due_on, verdict.decision, verdict.rule, reason.zh, reason.en, verdict.hash, clock.now())
  return no
end

-- An untouched task that is no longer to be called goes away: its sheet is empty, its decision stays on record.
local function drop_task(row)
  if row.task_id then db.run("DELETE FROM call_task WHERE id = ? AND attempts = 0 AND state = 'open'", row.task_id) end
end

local function keep_exclusion(target, row, verdict)
  drop_task(row)
  db.run([[INSERT INTO call_exclusion (id, visit_id, questionnaire, rule, kind, reason_zh, reason_en, decision_id, facts_hash, at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (visit_id, questionnaire) DO UPDATE SET rule = excluded.rule, kind = excluded.kind, reason_zh = excluded.reason_zh,
             reason_en = excluded.reason_en, decision_id = excluded.decision_id, facts_hash = excluded.facts_hash, at = excluded.at]],
    db.id(), row.id, target.questionnaire, verdict.rule, verdict.kind, verdict.reason.zh, verdict.reason.en, verdict.decision, verdict.hash,
    clock.now())
end

local function line(target, row, due_on, new, o)
  return { type = o.type, new = new, order_no = row.order_no, questionnaire = target.questionnaire, due_on = due_on,
           customer = row.customer and vault.mask("name", row.customer) or "", plate = row.plate and vault.mask("plate", row.plate) or "",
           no = o.no, state = o.state, kind = o.kind, rule = o.rule, reason = o.zh, reason_en = o.en, facts = o.facts }
end

local function task_line(target, row, due_on, new, v)
  return line(target, row, due_on, new, { type = "task", no = v and v.no or row.no, state = row.state or "open", rule = v and v.rule or row.task_rule,
    zh = v and v.reason.zh or row.task_zh, en = v and v.reason.en or row.task_en })
end

local function exclusion_line(target, row, due_on, new, v)
  return line(target, row, due_on, new, { type = "exclusion", kind = v and v.kind or row.exclusion_kind, rule = v and v.rule or row.exclusion_rule,
    zh = v and v.reason.zh or row.exclusion_zh, en = v and v.reason.en or row.exclusion_en })
end

local function decide(target, row, days, due_on, known, hash)
  local result = rules.decide("exclusions", target.set.id, { "visit", row.id }, known, row.person_erased and 0 or row.person)
  local reason = because(target, result, known)
  if result.outcome.call and row.picked_up_on then reason = when_due(row, days, due_on, reason) end
  return { call = result.outcome.call, kind = result.outcome.kind, rule = result.rule, reason = reason, decision = result.decision,
           due_on = due_on, hash = hash }
end

local function touched(row)
  return row.attempts > 0 or row.state ~= "open" or row.first_attempt_at ~= nil or (row.claimed_until or 0) > clock.now()
end

-- Is this visit to be decided now? A touched task is not; an untouched one is when its facts changed or the rules would no longer call.
local function open_question(target, row, known, hash, before)
  if row.task_id then
    if touched(row) then return false end
    return row.task_hash ~= hash and row.task_hash ~= before or not rules.evaluate("exclusions", target.set.id, known).outcome.call
  end
  if row.exclusion_id then return not row.erased and row.exclusion_hash ~= hash and row.exclusion_hash ~= before end -- what an erased person counts as stays
  return true
end

local function settle(target, row, days, due_on, known, hash, out)
  local v = decide(target, row, days, due_on, known, hash)
  if v.call then
    if not row.picked_up_on then -- not picked up: no task (L12)
      drop_exclusion(row)
      out.waiting = out.waiting + 1
      return
    end
    v.no = keep_task(target, row, v)
    out.lines[#out.lines + 1] = task_line(target, row, due_on, not row.task_id, v)
    out.made = out.made + (row.task_id and 0 or 1)
    return true
  end
  keep_exclusion(target, row, v)
  out.lines[#out.lines + 1] = exclusion_line(target, row, due_on, not row.exclusion_id, v)
  out.excluded = out.excluded + (row.exclusion_id and 0 or 1)
  out.withdrawn = out.withdrawn + (row.task_id and 1 or 0)
end

-- A car not picked up yet is only excluded for what stands on its order; everything else waits for the pick-up.
local function waits(target, row, known)
  if row.picked_up_on then return false end
  local result = rules.evaluate("exclusions", target.set.id, known)
  return result.outcome.call or result.outcome.kind ~= "no_call"
end

local function one_visit(target, row, o, context, out)
  local due_on = due_day(row, o.due_days)
  local known, hash, before = facts.of(row, due_on, context)
  local has_task
  if not row.task_id and waits(target, row, known) then
    drop_exclusion(row)
    out.waiting = out.waiting + 1
  elseif open_question(target, row, known, hash, before) then
    has_task = settle(target, row, o.due_days, due_on, known, hash, out)
  elseif row.task_id then
    has_task = true
    out.lines[#out.lines + 1] = task_line(target, row, row.due_on, false)
  else
    out.lines[#out.lines + 1] = exclusion_line(target, row, due_on, false)
  end
  if has_task then context.tasked[row.vehicle_id] = row.settled_on end
end

-- Settled and picked up until, and not before: what can be due by this day.
local function span(day, o) return clock.add_days(day, -o.due_days), clock.add_days(day, -o.lookback_days) end

-- One batch is one transaction; what it adds to `context` counts only when it is committed, so it works on copies.
local function batch(target, day, o, context, from)
  return db.tx(function()
    local last_day, first_day = span(day, o)
    local mine = { talks = context.talks, complained = context.complained, staff = context.staff, tasked = setmetatable({}, { __index = context.tasked }) }
    local out = { lines = {}, made = 0, excluded = 0, withdrawn = 0, waiting = 0, tasked = mine.tasked }
    local q = target.questionnaire
    local rows = db.all(facts.QUERY, q, q, q, last_day, last_day, first_day, first_day, from.day, from.day, from.id, BATCH)
    for _, row in ipairs(rows) do one_visit(target, row, o, mine, out) end
    out.last, out.n = rows[#rows], #rows
    return out
  end)
end

local function add(total, out)
  for _, l in ipairs(out.lines) do total.lines[#total.lines + 1] = l end
  for _, key in ipairs { "made", "excluded", "withdrawn", "waiting" } do total[key] = total[key] + out[key] end
end

local function count(lines)
  local tasks, exclusions = 0, 0
  for _, l in ipairs(lines) do
    if l.type == "task" then tasks = tasks + 1 else exclusions = exclusions + 1 end
  end
  return tasks, exclusions
end

-- Runs the pass for all questionnaires; tell(done, total) is called between batches. Returns { lines, summary }.
function M.run(day, tell)
  if not clock.is_day(day) then
    error({ zh = "日期要写成 2026-11-21 这样。", en = "Write the day like 2026-11-21." }, 0)
  end
  local o, total = settings.get(), { lines = {}, made = 0, excluded = 0, withdrawn = 0, waiting = 0 }
  local seen, aims = 0, targets()
  local last_day, first_day = span(day, o)
  local all = db.one(facts.COUNT, last_day, last_day, first_day, first_day).n * #aims
  for _, target in ipairs(aims) do
    local context, from = facts.context(day, o), { day = "", id = 0 }
    repeat
      local out = batch(target, day, o, context, from)
      for vehicle, settled_on in pairs(out.tasked) do context.tasked[vehicle] = settled_on end
      add(total, out)
      seen = seen + out.n
      if out.last then from = { day = out.last.settled_on, id = out.last.id } end
      if tell then tell(seen, math.max(seen, all)) end
    until out.n < BATCH
  end
  local tasks, exclusions = count(total.lines)
  return { lines = json.array(total.lines),
           summary = { day = day, tasks = tasks, exclusions = exclusions, new_tasks = total.made, new_exclusions = total.excluded,
                       withdrawn = total.withdrawn, waiting_for_pick_up = total.waiting } }
end

-- The same, telling whoever waits for it how far it is.
function M.run_told(day)
  return M.run(day, function(n, total) progress(n, total, { zh = "正在判断谁要回访", en = "deciding whom to call" }) end)
end

return M
