-- host.jobs: runs of scripts, as rows; a process of its own does the work.
local core = require "host.core"
local db = require "host.core.db"
local clock = require "host.clock"
local definition = require "host.definition"
local file = require "host.file"
local json = require "host.json"
local who = require "host.who"

local M = {}

local function read(row)
  if not row then return nil end
  for _, key in ipairs { "what", "result", "error", "params" } do
    if row[key] then row[key] = core.decode(row[key]) end
  end
  return row
end

function M.start(script, params)
  core.only_running "host.jobs"
  local id = db.id()
  db.run("INSERT INTO host_job (id, script, params, actor, state, made_at) VALUES (?, ?, ?, ?, 'queued', ?)", id, script,
    json.encode(params or {}), who.actor().login, clock.now())
  core.jobs_changed()
  return id
end

local columns = "id, script, params, actor, state, done, total, what, error, made_at, started_at, ended_at"

function M.get(id) return read(db.one("SELECT " .. columns .. ", result FROM host_job WHERE id = ?", id)) end

-- Without their results: an import's may have megabytes.

function M.list(limit)
  local rows = db.all("SELECT " .. columns .. " FROM host_job ORDER BY made_at DESC LIMIT ?", limit or 20)
  for _, row in ipairs(rows) do read(row) end
  return rows
end

-- A script takes away the files it was given; one that never began cannot.
local function drop_files(job)
  local script = definition("scripts", job.script)
  for _, param in ipairs(script and script.data.params or {}) do
    local name = param.type == "file" and job.params[param.name]
    if name then file.remove(name) end
  end
end

function M.cancel(id)
  local ended = db.run("UPDATE host_job SET state = 'cancelled', ended_at = ? WHERE id = ? AND state IN ('queued', 'running')", clock.now(), id) > 0
  local job = ended and M.get(id)
  if job and not job.started_at then drop_files(job) end
  return ended
end

return M
