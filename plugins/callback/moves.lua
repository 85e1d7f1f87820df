-- The supervisor moves work from one specialist to another. What somebody is calling at this moment stays with him.

local db = require "host.db"
local clock = require "host.clock"
local audit = require "host.audit"
local who = require "host.who"

local M = {}

local WHICH = { open = true, due = true, promised = true }

local function check(o)
  if not WHICH[o.which] then error({ zh = "请选择要转的任务。", en = "Choose which calls to move." }, 0) end
  if o.to == o.from then error({ zh = "请选择另一位专员。", en = "Choose another specialist." }, 0) end
  for _, user in ipairs(who.users "specialist") do
    if user.login == o.to then return end
  end
  error({ zh = "接收人不是本店的客服专员。", en = "Who receives them is no specialist of this store." }, 0)
end

-- from "": the pool that nobody has begun.
local function where(o)
  local now = clock.now()
  local sql, args = "state <> 'done' AND (claimed_by IS NULL OR claimed_until <= ?)", { now }
  if o.from == "" then
    sql = sql .. " AND assigned_to IS NULL"
  else
    sql = sql .. " AND assigned_to = ?"
    args[#args + 1] = o.from
  end
  if o.which == "promised" then sql = sql .. " AND state = 'promised'" end
  if o.which == "due" then
    sql = sql .. " AND state = 'open' AND due_on <= ?"
    args[#args + 1] = (clock.split(now))
  end
  return sql, args
end

function M.count(o)
  check(o)
  local sql, args = where(o)
  return db.one("SELECT COUNT(*) AS n FROM call_task WHERE " .. sql, table.unpack(args)).n
end

-- o = { from, to, which, expect }: moves them if there are still as many as the preview said.
function M.move(o)
  check(o)
  return db.tx(function()
    local sql, args = where(o)
    local n = db.one("SELECT COUNT(*) AS n FROM call_task WHERE " .. sql, table.unpack(args)).n
    if o.expect and o.expect ~= n then
      error({ zh = ("现在是 %d 个，与预览的 %d 个不同，请重新预览。"):format(n, o.expect),
              en = ("There are %d now, not the %d of the preview; look at the preview again."):format(n, o.expect) }, 0)
    end
    table.insert(args, 1, o.to)
    db.run("UPDATE call_task SET assigned_to = ? WHERE " .. sql, table.unpack(args))
    audit.write("calls.move", "user:" .. o.to, ("%d from %s (%s)"):format(n, o.from == "" and "pool" or o.from, o.which))
    return n
  end)
end

return M
