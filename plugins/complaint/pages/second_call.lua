local page = require "host.page"
local ask = require "complaint.ask"
local forms = require "complaint.forms"
local view = require "complaint.view"

local TITLE = { zh = "二次回访", en = "Second call" }

return {
  page "GET /forms/:id/second-call" {
    who = { "specialist" }, params = { id = "id!" }, template = "second_call.html", title = TITLE,
    function(req)
      local data = view.second_call(req.params.id)
      data.typed, data.may_record = "", data.claimed
      return data
    end,
  },
  page "POST /forms/:id/claim" {
    who = { "specialist" }, params = { id = "id!" },
    function(req)
      forms.claim(req.params.id)
      return page.redirect(("/forms/%d/second-call"):format(req.params.id))
    end,
  },
  page "POST /forms/:id/second-call" {
    who = { "specialist" }, params = { id = "id!", round = "integer!", result = "string:20", remark = "string:4000" },
    template = "second_call.html", title = TITLE,
    function(req)
      local p = req.params
      local err = ask.try(forms.recheck, p.id, { round = p.round, result = p.result, remark = p.remark })
      if not err then return page.redirect(("/forms/%d"):format(p.id)) end
      local data = view.second_call(p.id)
      data.error, data.typed, data.may_record = err, p.remark or "", true
      return page.status(422, data)
    end,
  },
}
