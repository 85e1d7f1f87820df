local page = require "host.page"
local ask = require "complaint.ask"
local exports = require "complaint.exports"
local forms = require "complaint.forms"
local view = require "complaint.view"

local READERS = "user" -- a deputy may hold any role; view.form lets in who may see this one form

local function back(id)
  return page.redirect(("/forms/%d"):format(id))
end

local function again(id, err)
  local data = view.form(id)
  data.error = err
  return page.status(422, data)
end

return {
  page "GET /forms/:id" {
    who = READERS, params = { id = "id!" }, template = "form.html", title = { zh = "跟踪单", en = "Tracking form" },
    function(req) return view.form(req.params.id) end,
  },
  page "POST /forms/:id/send" {
    who = { "specialist", "supervisor" }, params = { id = "id!" }, template = "form.html", title = { zh = "跟踪单", en = "Tracking form" },
    function(req)
      local err = ask.try(forms.send, req.params.id)
      return err and again(req.params.id, err) or back(req.params.id)
    end,
  },
  page "POST /forms/:id/sign" {
    who = { "supervisor" }, params = { id = "id!", decision = "string:10!", note = "string:2000" }, template = "form.html",
    title = { zh = "跟踪单", en = "Tracking form" },
    function(req)
      local p = req.params
      local decision = ({ sign = "sign", again = "again", recall = "recall" })[p.decision] or "sign"
      local err = ask.try(forms.sign, p.id, decision, p.note)
      return err and again(p.id, err) or back(p.id)
    end,
  },
  page "POST /forms/:id/withdraw" {
    who = { "specialist", "supervisor" }, params = { id = "id!", reason = "string:500" }, template = "form.html",
    title = { zh = "跟踪单", en = "Tracking form" },
    function(req)
      local err = ask.try(forms.withdraw, req.params.id, req.params.reason)
      return err and again(req.params.id, err) or back(req.params.id)
    end,
  },
  page "POST /forms/move" {
    who = { "supervisor" }, params = { ids = "list", to = "string:64!" },
    function(req)
      local ids = {}
      for i, id in ipairs(req.params.ids or {}) do ids[i] = math.tointeger(id) or error({
        zh = "跟踪单编号不对，请刷新页面再试。", en = "That is no form; reload the page and try again.",
      }, 0) end
      local moved = forms.move(ids, req.params.to)
      return page.redirect("/forms?tab=open&moved=" .. moved)
    end,
  },
  page "POST /forms/move-all" {
    who = { "supervisor" }, params = { from = "string:64!", to = "string:64!" },
    function(req)
      local moved = exports.move { from = req.params.from, to = req.params.to }
      return page.redirect("/forms?tab=open&moved=" .. moved.forms + moved.minors)
    end,
  },
}
