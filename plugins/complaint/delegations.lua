-- Who answers for whom while he is away.
local audit = require "host.audit"
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local who = require "host.who"
local people = require "complaint.people"
local when = require "complaint.when"

local M = {}

local function may_set(login, actor)
  if actor.login == login or who.has("supervisor") then return end
  error({ zh = "只能为自己设置代理人。", en = "You can only name a deputy for yourself." }, 0)
end

function M.add(o)
  local actor, directory = who.actor(), people.directory()
  may_set(o.login, actor)
  if not directory[o.login] or not directory[o.deputy] then
    error({ zh = "请从名单中选择代理人。", en = "Choose the deputy from the list." }, 0)
  elseif o.login == o.deputy then
    error({ zh = "代理人不能是本人。", en = "Nobody is his own deputy." }, 0)
  elseif o.to_day < o.from_day then
    error({ zh = "结束日期早于开始日期。", en = "It ends before it begins." }, 0)
  elseif o.to_day < clock.today() then
    error({ zh = "这段日期已经过去。", en = "These days are over." }, 0)
  end
  return db.tx(function()
    local id = db.id()
    db.run("INSERT INTO complaint_delegation (id, login, deputy, from_day, to_day, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id, o.login, o.deputy, o.from_day, o.to_day, actor.login, clock.now())
    audit.write("delegate", "user:" .. o.login, ("%s %s..%s"):format(o.deputy, o.from_day, o.to_day))
    return id
  end)
end

-- Ends now: what was answered in the meantime stays his.
function M.stop(id)
  return db.tx(function()
    local row = db.one("SELECT login, deputy FROM complaint_delegation WHERE id = ?", id)
    if not row then error({ zh = "这条代理已经取消。", en = "That delegation is already gone." }, 0) end
    may_set(row.login, who.actor())
    db.run("DELETE FROM complaint_delegation WHERE id = ?", id)
    audit.write("delegate-end", "user:" .. row.login, row.deputy)
  end)
end

function M.list()
  local directory, today, out = people.directory(), clock.today(), json.array {}
  for i, d in ipairs(db.all("SELECT * FROM complaint_delegation WHERE to_day >= ? ORDER BY from_day, made_at", today)) do
    out[i] = {
      id = d.id, who = people.name(directory, d.login), deputy = people.name(directory, d.deputy), from = when.day(d.from_day),
      to = when.day(d.to_day), now = d.from_day <= today, mine = d.login == who.actor().login or who.has("supervisor"),
    }
  end
  return out
end

return M
