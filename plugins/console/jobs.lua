-- Runs of scripts, told to people.
local call = require "host.call"
local clock = require "host.clock"
local define = require "host.definition"
local json = require "host.json"
local text = require "host.text"
local who = require "host.who"

local M = {}

local STATE = {
  queued = { zh = "排队中", en = "Waiting", tone = "bg-secondary-lt" },
  running = { zh = "运行中", en = "Running", tone = "bg-blue-lt" },
  done = { zh = "已完成", en = "Done", tone = "bg-green-lt" },
  failed = { zh = "失败", en = "Failed", tone = "bg-red-lt" },
  cancelled = { zh = "已取消", en = "Cancelled", tone = "bg-orange-lt" },
}

function M.script(id)
  return define("scripts", id)
end

function M.may_run(definition)
  return definition and who.has(table.unpack(definition.data.who))
end

function M.may_see(job)
  return job.actor == who.actor().login or who.has("supervisor", "it") or M.may_run(M.script(job.script))
end

local function at(ms)
  if not ms then return nil end
  local day, time = clock.split(ms)
  return day .. " " .. time
end

function M.row(job, names)
  local definition, state = M.script(job.script), STATE[job.state] or STATE.failed
  local total = job.total or 0
  return {
    id = tostring(job.id), script = job.script, title = definition and text.pick(definition.data.title) or job.script,
    state = { zh = state.zh, en = state.en }, tone = state.tone, running = job.state == "queued" or job.state == "running",
    done = job.state == "done", failed = job.state == "failed", cancelled = job.state == "cancelled",
    made = at(job.made_at), ended = at(job.ended_at), actor = names and names[job.actor] or job.actor,
    percent = total > 0 and math.min(100, job.done * 100 // total) or nil, count = total > 0 and job.done .. " / " .. total or nil,
    what = job.what and text.pick(job.what) or nil, error = job.error and text.pick(job.error) or nil,
  }
end

-- A result may bring whole tables along (lines); people get its figures.
local function figures(result)
  local out = json.array {}
  local source = type(result.summary) == "table" and result.summary or result
  local keys = {}
  for key, value in pairs(source) do
    if type(value) ~= "table" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for i, key in ipairs(keys) do out[i] = { key = key, value = tostring(source[key]) } end
  return out
end

-- One text of many lines or a list of texts, as a list of lines.
local function lines_of(told)
  local out = {}
  if type(told) == "table" and told.zh then told = { told } end
  if type(told) == "string" then told = { told } end
  for _, piece in ipairs(type(told) == "table" and told or {}) do
    for line in text.pick(piece):gmatch "[^\r\n]+" do out[#out + 1] = line end
  end
  return out
end

-- What came out: the script's own sentences if it has them, else the bare figures. The last sentence sums up; the others are details, cut at `most`.
function M.outcome(job)
  local most, details, all = 300, json.array {}, {}
  if type(job.result) ~= "table" then return { details = details, figures = json.array {} } end
  local definition = M.script(job.script)
  if definition and definition.data.text then
    local told, sentences = pcall(call, definition, "text", job.result)
    if told then all = lines_of(sentences) end
  end
  for i = 1, math.min(#all - 1, most) do details[i] = all[i] end
  return { summary = all[#all], details = details, count = #details, cut = #all - 1 > most or nil, figures = #all > 0 and json.array {} or figures(job.result) }
end

return M
