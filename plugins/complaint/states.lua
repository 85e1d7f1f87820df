-- The life of tracking form 03.
--
--   open --send--> sent --answer--> answered --satisfied--> closed
--    |              |  ^              |   ^ '--not_reached (stays)
--    |              |  '-unsatisfied--'   |recall
--    '--withdraw----'-> closed            |
--                      answered --exhausted--> to_sign --sign--> closed
--                                              to_sign --again--> sent
-- Every change of state goes through M.go: what the table does not name cannot happen.
local M = {}

M.transitions = {
  open = { send = "sent", withdraw = "closed" },
  sent = { answer = "answered", withdraw = "closed" },
  answered = { satisfied = "closed", unsatisfied = "sent", not_reached = "answered", exhausted = "to_sign" },
  to_sign = { sign = "closed", again = "sent", recall = "answered" },
  closed = {},
}

M.title = {
  open = { zh = "待送出", en = "to be sent" },
  sent = { zh = "待部门答复", en = "waiting for the answer" },
  answered = { zh = "待二次回访", en = "waiting for the second call" },
  to_sign = { zh = "待主管签字", en = "waiting for the supervisor" },
  closed = { zh = "已结案", en = "closed" },
}

local ACT = {
  send = { zh = "送出", en = "sent" },
  withdraw = { zh = "撤回", en = "withdrawn" },
  answer = { zh = "答复", en = "answered" },
  satisfied = { zh = "登记二次回访", en = "given a second call" },
  unsatisfied = { zh = "登记二次回访", en = "given a second call" },
  not_reached = { zh = "登记二次回访", en = "given a second call" },
  exhausted = { zh = "登记二次回访", en = "given a second call" },
  sign = { zh = "签字", en = "signed" },
  again = { zh = "退回部门", en = "sent back" },
  recall = { zh = "退回回访", en = "called again" },
}

-- The next state, or an error that says where the form stands.
function M.go(form, event)
  local nxt = assert(M.transitions[form.state], "unknown state")[event]
  if nxt then return nxt end
  local act, now = assert(ACT[event], "unknown event"), M.title[form.state]
  error({
    zh = ("%s 目前“%s”，不能%s。请刷新页面查看最新情况。"):format(form.no, now.zh, act.zh),
    en = ("%s is %s and cannot be %s. Reload the page to see where it stands."):format(form.no, now.en, act.en),
  }, 0)
end

return M
