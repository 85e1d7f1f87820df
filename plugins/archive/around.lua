-- What other plugins wrote about a visit, read from their tables: an export each would need them to be in force.
local db = require "host.db"
local json = require "host.json"
local point = require "host.point"
local text = require "host.text"
local show = require "archive.show"

local around = {}

local TASK_STATES = {
  open = { zh = "待回访", en = "to be called" }, promised = { zh = "已约时间", en = "promised" },
  contact_fix = { zh = "核实联系方式", en = "contact data being checked" }, done = { zh = "已结束", en = "closed" },
}
-- What the results of calls are called, as their owner declares them.
local function result_names()
  local names = {}
  for _, result in ipairs(point "results") do names[result.id] = { zh = result.data.zh, en = result.data.en } end
  return names
end

local FORM_STATES = {
  open = { zh = "未送出", en = "not sent yet" }, sent = { zh = "待部门答复", en = "waiting for the answer" },
  answered = { zh = "待二次回访", en = "waiting for the second call" }, to_sign = { zh = "待主管签字", en = "waiting for the supervisor" },
  closed = { zh = "已结案", en = "closed" },
}

function around.calls(visit_id, lang)
  local out, names = json.array {}, result_names()
  for i, row in ipairs(db.all([[SELECT id, no, state, due_on, result, closed_at,
        (SELECT COUNT(*) FROM call_attempt a WHERE a.task_id = t.id AND a.undone_at IS NULL) AS tries
      FROM call_task t WHERE visit_id = ? ORDER BY due_on DESC, id DESC]], visit_id)) do
    local state = names[row.result] or TASK_STATES[row.state]
    out[i] = { id = row.id, no = row.no, state = text.pick(state, lang), done = row.state == "done", due = show.day(row.due_on, lang),
      attempts = row.tries, closed = show.instant(row.closed_at, lang) }
  end
  return out
end

function around.exclusions(visit_id, lang)
  local out = json.array {}
  for i, row in ipairs(db.all("SELECT rule, reason_zh, reason_en FROM call_exclusion WHERE visit_id = ? ORDER BY id", visit_id)) do
    out[i] = { reason = lang == "en" and row.reason_en or row.reason_zh, rule = row.rule }
  end
  return out
end

function around.forms(visit_id, lang)
  local out = json.array {}
  for i, row in ipairs(db.all("SELECT id, no, state, answer_due, satisfied FROM complaint_form WHERE visit_id = ? AND withdrawn IS NULL ORDER BY id DESC",
      visit_id)) do
    out[i] = { id = row.id, no = row.no, state = text.pick(FORM_STATES[row.state], lang), closed = row.state == "closed",
      due = show.instant(row.answer_due, lang) }
  end
  return out
end

return around
