-- For the tests only: people, and a work order to be unhappy about. They call it with their `test`, because a module has no such global.
local archive = require "archive"
local db = require "host.db"

local M = {}

local STAFF = {
  { "li", "specialist" }, { "wang", "specialist" }, { "chen", "supervisor" }, { "zhao", "director" }, { "sun", "advisor" },
  { "gao", "general-manager" },
}

-- Makes everybody known; the last one called acts afterwards.
function M.staff(test)
  for _, p in ipairs(STAFF) do test.as(p[1], { p[2] }) end
  test.as("li", { "specialist" })
end

local HEADINGS = { "工单号", "维修类型", "结算日期", "交车日期", "车牌号", "底盘号", "车主", "车主手机", "服务顾问" }
local FIELDS = { "order_no", "kind", "settled", "picked_up", "plate", "vin", "owner", "owner_mobile", "advisor" }

-- The id of a visit of one car; number makes further ones of the same car. VIN and mobile are the synthetic ones of domain M1.
function M.visit(number, advisor)
  local order = ("RO26110100%02d"):format(number or 1)
  local id = archive.import_begin {
    file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",",
    columns = { headings = HEADINGS, fields = archive.guess_columns(HEADINGS).fields or FIELDS },
  }
  archive.import_rows(id, { {
    line = 2, cells = { order, "定期保养", "2026-11-18", "2026-11-18", "渝AD12345", "LS5TEST10TA000123", "张某", "13800000000", advisor or "sun" },
  } })
  archive.import_end(id)
  return db.one("SELECT id FROM archive_visit WHERE order_no = ?", order).id
end

return M
