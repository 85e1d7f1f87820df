local host_point = require "host.point"
local jobs = require "host.jobs"
local json = require "host.json"
local page = require "host.page"
local text = require "host.text"
local params = require "console.params"
local who = require "host.who"
local runs = require "console.jobs"

local EVERY_ROLE = { "specialist", "supervisor", "director", "general-manager", "it" }

local function need(id)
  local definition = runs.script(id)
  if not definition then
    error({ zh = "没有这个脚本，可能刚被撤下。请回到脚本列表。", en = "There is no such script; it may just have been removed. Go back to the list." }, 0)
  end
  return definition
end

local function show(definition, given, sentence)
  local data = definition.data
  return {
    id = definition.id, title = text.pick(data.title), about = data.about and text.pick(data.about) or nil,
    fields = params.fields(data.params, given), error = sentence, version = definition.plugin_version, at = definition.at,
    may_run = runs.may_run(definition), import = definition.id == "import-dms" or nil,
  }
end

local function by_order(a, b)
  local x, y = a.data.order or 50, b.data.order or 50
  if x ~= y then return x < y end
  return a.id < b.id
end

local function mine()
  local out = {}
  for _, definition in ipairs(host_point "scripts") do
    if runs.may_run(definition) then out[#out + 1] = definition end
  end
  table.sort(out, by_order)
  return out
end

local function recent()
  local out, names = json.array {}, who.names()
  for _, job in ipairs(jobs.list(20)) do
    if runs.may_see(job) then out[#out + 1] = runs.row(job, names) end
  end
  return out
end

return {
  page "GET /scripts" {
    who = EVERY_ROLE,
    template = "scripts.html",
    title = { zh = "脚本", en = "Scripts" },
    menu = { zh = "脚本", en = "Scripts", icon = "player-play", order = 85 },
    function()
      local rows = json.array {}
      for i, definition in ipairs(mine()) do
        local data = definition.data
        rows[i] = { id = definition.id, title = text.pick(data.title), about = data.about and text.pick(data.about) or nil }
      end
      local list = recent()
      return { rows = rows, any = #rows > 0, jobs = list, any_jobs = #list > 0 }
    end,
  },
  page "GET /scripts/:id" {
    who = EVERY_ROLE,
    params = { id = "string:80!" },
    template = "script.html",
    title = { zh = "脚本", en = "Script" },
    function(req)
      return show(need(req.params.id))
    end,
  },
  page "POST /scripts/:id" {
    who = EVERY_ROLE,
    params = params.declared(),
    template = "script.html",
    title = { zh = "脚本", en = "Script" },
    function(req)
      local definition = need(req.params.id)
      if not runs.may_run(definition) then
        return page.status(403, show(definition, req.params, { zh = "您没有运行这个脚本的权限。", en = "You may not start this script." }))
      end
      local ok, read = pcall(params.read, definition.data.params, req.params, req.files)
      if not ok then
        if type(read) ~= "table" then error(read, 0) end
        return page.status(422, show(definition, req.params, read))
      end
      local id = jobs.start(definition.id, read)
      return page.redirect("/jobs/" .. id)
    end,
  },
}
