-- A claim says who is calling a customer now. It is one compare-and-set on the row, so of two who open the same call at the same moment one
-- wins and the other reads by whom. It runs out by itself; each act on the call renews it.

local db = require "host.db"
local clock = require "host.clock"
local who = require "host.who"
local settings = require "host.settings"

local M = {}

function M.task(id)
  local task = db.one("SELECT * FROM call_task WHERE id = ?", id)
  if not task then
    error({ zh = "没有这个回访任务：它可能因工单改动被撤下了，请回到列表。",
            en = "There is no such call; it may have been withdrawn because its work order changed. Go back to the list." }, 0)
  end
  return task
end

-- Who has it now, if it is somebody else: { login, name, till = "10:25" }.
function M.holder(task)
  local me = who.actor().login
  if not task.claimed_by or task.claimed_by == me or task.claimed_until <= clock.now() then return nil end
  return { login = task.claimed_by, name = who.names()[task.claimed_by] or task.claimed_by, till = (select(2, clock.split(task.claimed_until))) }
end

function M.mine(task)
  return task.claimed_by == who.actor().login and task.claimed_until > clock.now()
end

-- Takes the claim or renews it. Returns true, or false and the holder.
function M.take(id)
  local now, me = clock.now(), who.actor().login
  local taken = db.run([[UPDATE call_task SET claimed_by = ?, claimed_until = ?
      WHERE id = ? AND state <> 'done' AND (claimed_by IS NULL OR claimed_by = ? OR claimed_until <= ?)]],
    me, now + settings.get().claim_minutes * 60000, id, me, now)
  if taken == 1 then return true end
  return false, M.holder(M.task(id))
end

-- The same where only the holder may go on: raises a sentence that says who it is.
function M.need(id)
  local taken, holder = M.take(id)
  if taken then return M.task(id) end
  if holder then
    error({ zh = ("%s 正在回访这位客户（占用到 %s），请换一个，或稍后再试。"):format(holder.name, holder.till),
            en = ("%s is calling this customer (until %s). Take another one, or try again later."):format(holder.name, holder.till) }, 0)
  end
  error({ zh = "这个回访已经完成；要修改请用“更正”，并写明原因。",
          en = "This call is done; to change it use 'Correct' and give the reason." }, 0)
end

function M.release(id)
  db.run("UPDATE call_task SET claimed_by = NULL, claimed_until = NULL WHERE id = ? AND claimed_by = ?", id, who.actor().login)
end

return M
