-- Work orders for tests, imported the way a clerk's file is: test.fixture "archive".orders { { order_no = "RO1", settled = "2026-11-20" } }
-- in any plugin's tests. What is left out is made up; numbers are synthetic. Returns the visits' ids in the order given.
local archive = require "archive.exports"
local db = require "host.db"

local M = {}

local KEYS = { "order_no", "kind", "settled", "picked_up", "plate", "vin", "owner", "owner_mobile", "bringer", "bringer_mobile", "advisor",
               "call_wanted", "no_call_reason", "labour", "parts", "amount" }

local function cells(n, order)
  local row = { order_no = ("RO2611%04d"):format(n), kind = "定期保养", settled = "2026-11-17", picked_up = order.settled or "2026-11-18",
                plate = ("苏A%05d"):format(10000 + n), vin = ("LS5TEST10TA%06d"):format(100 + n), owner = "测试" .. n,
                owner_mobile = ("139%08d"):format(10000000 + n * 7), advisor = "孙顾问" }
  for key, value in pairs(order) do row[key] = value end
  local out = {}
  for i, key in ipairs(KEYS) do out[i] = row[key] or "" end
  return out
end

function M.orders(list)
  local import = archive.import_begin { file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",", columns = { headings = KEYS, fields = KEYS } }
  local rows, ids = {}, {}
  for i, order in ipairs(list) do rows[i] = { line = i + 1, cells = cells(i, order) } end
  archive.import_rows(import, rows)
  archive.import_end(import)
  for i, row in ipairs(rows) do
    local visit = db.one("SELECT id FROM archive_visit WHERE order_no = ?", row.cells[1])
    ids[i] = visit and visit.id
  end
  return ids
end

return M
