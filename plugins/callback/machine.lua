-- The states of a call task and every way between them.
--
--            retry, person, fixed                 promise
--          +----------------------- open ----------------------> promised
--          |                       ^  |  ^ <--- retry, person ---+  |
--          +-----------------------+  |                             |
--                contact_fix ---------+-----------------------------+--> contact_fix --- fixed ---> open (the next day)
--                close ----------------------------------------------> done             close ---> done
--                                                                       (the customer rings back: close, promise)
--                reopen: done -> open (a correction)
-- "In progress" is no state: it is a claim that runs out by itself, so that a closed browser blocks nobody.

local M = {}

M.TABLE = {
  open = { retry = "open", person = "open", promise = "promised", contact_fix = "contact_fix", close = "done" },
  promised = { retry = "open", person = "promised", promise = "promised", contact_fix = "contact_fix", close = "done" },
  contact_fix = { fixed = "open", close = "done", promise = "promised" },
  done = { reopen = "open", relabel = "done" },
}

local SAY = {
  open = { zh = "待回访", en = "to be called" },
  promised = { zh = "已约时间", en = "promised" },
  contact_fix = { zh = "等待核实联系方式", en = "waiting for contact data" },
  done = { zh = "已完成", en = "done" },
}

-- The state after `event`; an event that the state does not know is a sentence, not a silent change.
function M.after(state, event)
  local to = M.TABLE[state] and M.TABLE[state][event]
  if to then return to end
  local name = SAY[state] or { zh = tostring(state), en = tostring(state) }
  error({ zh = ("这个回访现在是“%s”，不能这样操作；请刷新页面查看最新状态。"):format(name.zh),
          en = ("This call is now '%s', so that cannot be done; reload the page to see where it stands."):format(name.en) }, 0)
end

return M
