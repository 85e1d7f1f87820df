-- The roles of the house, as people call them.
local text = require "host.text"

local M = {}

M.titles = {
  specialist = { zh = "客服专员", en = "Call specialist" },
  supervisor = { zh = "客服主管", en = "Supervisor" },
  director = { zh = "售后服务总监", en = "Service director" },
  advisor = { zh = "服务顾问", en = "Service advisor" },
  ["general-manager"] = { zh = "总经理", en = "General manager" },
  it = { zh = "信息员", en = "IT" },
}

-- "客服专员、客服主管" in the reader's language; a role of the site's own stands as it is.
function M.names(roles)
  local out = {}
  for i, role in ipairs(roles or {}) do out[i] = text.pick(M.titles[role] or role) end
  return table.concat(out, " · ")
end

return M
