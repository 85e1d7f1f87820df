-- The supervisor moves work: first how many it is, then the move.
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local moves = require "callback.moves"

local WHICH = {
  { id = "open", title = { zh = "全部未完成的", en = "All that are not done" } },
  { id = "due", title = { zh = "今天应回访的", en = "Those due today" } },
  { id = "promised", title = { zh = "已约时间的", en = "Those with a promised time" } },
}


local function name_of(login)
  for _, user in ipairs(who.users()) do
    if user.login == login then return user.name end
  end
  return login
end

local function people(from, to)
  local out = json.array {}
  for i, user in ipairs(who.users "specialist") do
    out[i] = { login = user.login, person = user.name, is_from = user.login == from, is_to = user.login == to }
  end
  return out
end

local function choices(which)
  local out = json.array {}
  for i, w in ipairs(WHICH) do out[i] = { which_id = w.id, title = w.title, chosen = w.id == which } end
  return out
end

return {
  page "GET /call-moves" {
    who = { "supervisor" },
    params = { from = "string:80", to = "string:80", which = "string:16", moved = "integer" },
    template = "moves.html",
    title = { zh = "转移回访任务", en = "Move calls" },
    function(req)
      local p = req.params
      local which = p.which or "open"
      local view = { people = people(p.from, p.to), choices = choices(which), moved = p.moved or false, asked = false, pool = p.from == "" and p.to ~= nil }
      if p.to and p.to ~= "" then
        local n = moves.count { from = p.from or "", to = p.to, which = which }
        view.asked = { n = n, any = n > 0, from = p.from or "", to = p.to, which = which, to_name = name_of(p.to),
                       from_name = (p.from or "") == "" and { zh = "公共池", en = "the pool" } or name_of(p.from) }
      end
      return view
    end,
  },
  page "POST /call-moves" {
    who = { "supervisor" },
    params = { from = "string:80", to = "string:80!", which = "string:16!", expect = "integer!" },
    function(req)
      local p = req.params
      local n = moves.move { from = p.from or "", to = p.to, which = p.which, expect = p.expect }
      return page.redirect(("/call-moves?moved=%d"):format(n))
    end,
  },
}
