local page = require "host.page"
local who = require "host.who"
local ask = require "complaint.ask"
local minors = require "complaint.minors"
local people = require "complaint.people"
local view = require "complaint.view"

local TITLE = { zh = "一般问题", en = "Minor issue" }
local HANDLERS = { "specialist", "supervisor", "advisor" }

local function show(id, words, err)
  if not who.has("specialist", "supervisor", "director", "general-manager")
    and not people.is_advisor_of(minors.get(id).advisor, who.actor()) then
    error({ zh = "这条问题属于其他服务顾问。", en = "This issue is another advisor's." }, 0)
  end
  local data = view.minor(id)
  data.typed, data.error, data.people_open, data.may_record = words or "", err, false, err ~= nil
  return data
end

local function act(fn)
  return function(req)
    local p = req.params
    local err = ask.try(fn, p)
    if err then return page.status(422, show(p.id, p.words, err)) end
    return page.redirect(("/minor/%d"):format(p.id))
  end
end

return {
  page "GET /minor/:id" {
    who = { "specialist", "supervisor", "advisor", "director", "general-manager" }, params = { id = "id!" },
    template = "minor.html", title = TITLE,
    function(req) return show(req.params.id) end,
  },
  page "POST /minor/:id/reply" {
    who = HANDLERS, params = { id = "id!", words = "string:4000" }, template = "minor.html", title = TITLE,
    act(function(p) minors.reply(p.id, p.words) end),
  },
  page "POST /minor/:id/call" {
    who = { "specialist", "supervisor" }, params = { id = "id!" }, template = "minor.html", title = TITLE,
    function(req)
      local data = view.minor_call(req.params.id)
      data.typed, data.people_open, data.may_record = "", true, true
      return data
    end,
  },
  page "POST /minor/:id/recheck" {
    who = { "specialist", "supervisor" }, params = { id = "id!", result = "string:20", words = "string:4000" },
    template = "minor.html", title = TITLE,
    act(function(p) minors.recheck(p.id, p.result, p.words) end),
  },
  page "POST /minor/:id/raise" {
    who = { "specialist", "supervisor" }, params = { id = "id!", words = "string:4000" }, template = "minor.html", title = TITLE,
    act(function(p) minors.raise(p.id, p.words) end),
  },
}
