-- Work orders to call about, imported the way a clerk's file is. Synthetic numbers only.
local archive = require "archive"
local db = require "host.db"

local M = {}

local HEADINGS = { "工单号", "维修类型", "结算日期", "交车日期", "车牌号", "底盘号", "车主", "车主手机", "送修人", "送修人手机", "服务顾问", "是否三日电访", "不回访原因", "三日电访时间" }
local KEYS = { "order_no", "kind", "settled", "picked_up", "plate", "vin", "owner", "owner_mobile", "bringer", "bringer_mobile", "advisor", "wanted", "why", "preferred" }

function M.staff(test)
  test.as("zhao", { "supervisor" }, "赵主管")
  test.as("wang", { "specialist" }, "王芳")
  test.as("sun", { "advisor" }, "孙顾问")
  test.as("li", { "specialist" }, "李娜")
end

-- A car's VIN and plate by number: the check digit is only a warning, the form is right.
function M.car(n) return ("LS5TEST10TA%06d"):format(100 + n), ("苏A%05d"):format(10000 + n) end

local function cells(n, o)
  local vin, plate = M.car(o.car or n)
  local row = { order_no = ("RO2611%04d"):format(n), kind = "定期保养", settled = "2026-11-17", picked_up = "2026-11-18", plate = plate, vin = vin,
                owner = "测试" .. n, owner_mobile = ("139%08d"):format(10000000 + n * 7), advisor = "孙顾问" }
  for key, value in pairs(o) do row[key] = value end
  local out = {}
  for i, key in ipairs(KEYS) do out[i] = row[key] or "" end
  return out
end

-- Imports the orders { [n] = { field = value } ... } given as list of { n, {..} }; returns order number -> visit id.
function M.orders(list)
  local id = archive.import_begin { file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",",
    columns = { headings = HEADINGS, fields = archive.guess_columns(HEADINGS).fields } }
  local rows = {}
  for i, o in ipairs(list) do rows[i] = { line = i + 1, cells = cells(o[1], o[2] or {}) } end
  archive.import_rows(id, rows)
  archive.import_end(id)
  local visits = {}
  for i, o in ipairs(list) do visits[i] = M.visit(o[1]) end
  return visits
end

function M.visit(n)
  local row = db.one("SELECT id FROM archive_visit WHERE order_no = ?", ("RO2611%04d"):format(n))
  return row and row.id
end

function M.task(n)
  return db.one("SELECT * FROM call_task WHERE visit_id = ?", M.visit(n))
end

function M.exclusion(n)
  return db.one("SELECT * FROM call_exclusion WHERE visit_id = ?", M.visit(n))
end

function M.phones(n)
  local ids = {}
  for _, person in ipairs(archive.card(M.visit(n)).people) do
    for _, phone in ipairs(person.phones) do ids[#ids + 1] = phone.id end
  end
  return ids
end

return M
