local clock = require "host.clock"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local ask = require "complaint.ask"
local delegations = require "complaint.delegations"

local WHO = { "director", "supervisor", "general-manager" }
local TITLE = { zh = "代理设置", en = "Deputies" }

local function users()
  local out = json.array {}
  for i, user in ipairs(who.users()) do out[i] = { login = user.login, name = user.name, me = user.login == who.actor().login } end
  return out
end

local function show(typed, err)
  local list = delegations.list()
  return {
    list = list, any = #list > 0, users = users(), for_others = who.has("supervisor"), error = err,
    from_day = typed.from_day or clock.today(), to_day = typed.to_day or clock.today(),
  }
end

return {
  page "GET /delegation" {
    who = WHO, template = "delegation.html", title = TITLE,
    function() return show {} end,
  },
  page "POST /delegation" {
    who = WHO, template = "delegation.html", title = TITLE,
    params = { login = "string:64", deputy = "string:64!", from_day = "day!", to_day = "day!" },
    function(req)
      local p = req.params
      local err = ask.try(delegations.add, {
        login = p.login and p.login ~= "" and p.login or who.actor().login, deputy = p.deputy, from_day = p.from_day, to_day = p.to_day,
      })
      if err then return page.status(422, show(p, err)) end
      return page.redirect "/delegation"
    end,
  },
  page "POST /delegation/:id/end" {
    who = WHO, params = { id = "id!" }, template = "delegation.html", title = TITLE,
    function(req)
      local err = ask.try(delegations.stop, req.params.id)
      if err then return page.status(422, show({}, err)) end
      return page.redirect "/delegation"
    end,
  },
}
