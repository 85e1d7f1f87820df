-- "Make the list" by a button: the pass runs as a job; the page asks for its end.
local clock = require "host.clock"
local jobs = require "host.jobs"
local page = require "host.page"

return {
  page "POST /call-list" {
    who = { "specialist", "supervisor" },
    function()
      local job = jobs.start("due-calls", { day = clock.today() })
      return page.redirect("/call-list/" .. tostring(job))
    end,
  },
  page "GET /call-list/:id" {
    who = { "specialist", "supervisor" },
    params = { id = "id!" },
    template = "make.html",
    title = { zh = "生成名单", en = "Make the list" },
    function(req)
      local job = jobs.get(req.params.id)
      if not job or job.script ~= "due-calls" then
        error({ zh = "没有这次生成记录，请回到列表再点一次。", en = "There is no such run; go back to the list and start it again." }, 0)
      end
      local s = job.state == "done" and job.result and job.result.summary
      return { id = tostring(job.id), waits = job.state == "queued" or job.state == "running", summary = s or false,
               failed = job.state == "failed" or job.state == "cancelled", why = job.error or { zh = "已取消", en = "cancelled" } }
    end,
  },
}
