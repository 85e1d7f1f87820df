local clock = require "host.clock"
local page = require "host.page"
local ask = require "complaint.ask"
local forms = require "complaint.forms"
local view = require "complaint.view"

local TITLE = { zh = "答复跟踪单", en = "Answer a tracking form" }

local function show(id, typed, err)
  local data = view.form(id)
  local day, hm = clock.split(clock.now())
  data.error = err
  data.cause, data.action = typed.cause or "", typed.action or ""
  data.told_day, data.told_time = typed.told_day or "", typed.told_time or ""
  data.today, data.hm = day, hm
  return data
end

return {
  page "GET /forms/:id/answer" {
    who = "user", params = { id = "id!" }, template = "answer.html", title = TITLE,
    function(req) return show(req.params.id, {}) end,
  },
  page "POST /forms/:id/answer" {
    who = "user", template = "answer.html", title = TITLE,
    params = {
      id = "id!", round = "integer!", cause = "string:4000", action = "string:4000", told_day = "string:10", told_time = "string:5",
    },
    function(req)
      local p = req.params
      local day = p.told_day ~= "" and p.told_day or nil
      local err
      if day and (not clock.is_day(day) or not (p.told_time or ""):match("^[0-2]%d:[0-5]%d$")) then
        err = { zh = "请写明告知客户的日期和时间，例如 14:30。", en = "Give the day and time you told the customer, e.g. 14:30." }
      end
      err = err or ask.try(forms.answer, p.id, {
        round = p.round, cause = p.cause, action = p.action, told_day = day, told_time = p.told_time,
      })
      if err then return page.status(422, show(p.id, p, err)) end
      return page.redirect(("/forms/%d"):format(p.id))
    end,
  },
}
