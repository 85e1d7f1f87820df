local db = require "host.db"

local M = {}

function M.add(customer, words)
  local id = db.id()
  db.run("INSERT INTO @NAME_@_wish (id, customer_id, words) VALUES (?, ?, ?)", id, customer, words)
  return id
end

return M
