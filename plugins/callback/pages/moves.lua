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

local function asked_of(p, which)
  local known, from, n = who.names(), p.from or "", moves.count { from = p.from or "", to = p.to, which = which }
  return { n = n, any = n > 0, from = from, to = p.to, which = which, to_name = known[p.to] or p.to,
           from_name = from == "" and { zh = "公共池", en = "the pool" } or known[from] or from }
end

local function view_of(p)
  local which = p.which or "open"
  return { people = people(p.from, p.to), choices = choices(which), moved = p.moved or false, asked = false, wrong = false,
           pool = p.from == "" and p.to ~= nil }
end

-- What cannot be moved so is said in the form, which keeps what was chosen.
local function or_in_form(p, fn)
  local done, result = pcall(fn)
  if done then return result end
  if type(result) ~= "table" or not result.zh then error(result, 0) end
  local view = view_of(p)
  view.wrong = result
  return page.status(422, view)
end

return {
  page "GET /call-moves" {
    who = { "supervisor" },
    params = { from = "string:80", to = "string:80", which = "string:16", moved = "integer" },
    template = "moves.html",
    title = { zh = "转移回访任务", en = "Move calls" },
    function(req)
      local p = req.params
      return or_in_form(p, function()
        local view = view_of(p)
        if p.to and p.to ~= "" then view.asked = asked_of(p, p.which or "open") end
        return view
      end)
    end,
  },
  page "POST /call-moves" {
    who = { "supervisor" },
    params = { from = "string:80", to = "string:80!", which = "string:16!", expect = "integer!" },
    template = "moves.html",
    title = { zh = "转移回访任务", en = "Move calls" },
    function(req)
      local p = req.params
      return or_in_form(p, function()
        local n = moves.move { from = p.from or "", to = p.to, which = p.which, expect = p.expect }
        return page.redirect(("/call-moves?moved=%d"):format(n))
      end)
    end,
  },
}
