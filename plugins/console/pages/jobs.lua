local jobs = require "host.jobs"
local page = require "host.page"
local who = require "host.who"
local runs = require "console.jobs"

local function need(id)
  local job = jobs.get(math.tointeger(tonumber(id)) or 0)
  if not job or not runs.may_see(job) then
    error({ zh = "没有这次运行的记录。", en = "There is no such run." }, 0)
  end
  return job
end

local function show(id)
  local job = need(id)
  local row, out = runs.row(job, who.names()), runs.outcome(job)
  row.summary, row.details, row.details_count, row.cut = out.summary or false, out.details, out.count or 0, out.cut or false
  row.figures, row.any_figures, row.any_details = out.figures, #out.figures > 0, #out.details > 0
  row.has_script = runs.may_run(runs.script(job.script)) or nil
  return row
end

return {
  page "GET /jobs/:id" {
    who = "user",
    params = { id = "id!" },
    template = "job.html",
    title = { zh = "运行情况", en = "Run" },
    function(req) return show(req.params.id) end,
  },
  page "GET /jobs/:id/state" {
    who = "user",
    params = { id = "id!" },
    template = "job_state.html",
    frame = false,
    function(req) return show(req.params.id) end,
  },
  page "POST /jobs/:id/cancel" {
    who = "user",
    params = { id = "id!" },
    function(req)
      local job = need(req.params.id)
      if job.actor ~= who.actor().login and not who.has("supervisor", "it") then
        error({ zh = "只有启动者或主管可以取消。", en = "Only who started it or a supervisor may cancel." }, 0)
      end
      jobs.cancel(job.id)
      return page.redirect("/jobs/" .. req.params.id)
    end,
  },
}
