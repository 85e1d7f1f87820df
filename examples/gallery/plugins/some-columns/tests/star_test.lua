local archive = require "archive"
local db = require "host.db"

it("reads the export as it comes", function()
  test.now "2026-11-21T09:00"
  test.as("sun", { "supervisor" })
  local headings = { "业务流水", "VIN", "过账日", "业务代码" }
  local fields = archive.guess_columns(headings).fields
  assert.same({ "order_no", "vin", "settled", "kind" }, fields)
  local import = archive.import_begin { file_name = "x.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",", columns = { headings = headings, fields = fields } }
  archive.import_rows(import, { { line = 2, cells = { "A1", "LS5TEST10TA000123", "2026-11-20", "90010001" } } })
  archive.import_end(import)
  assert.equal("定期保养", db.one("SELECT kind FROM archive_visit").kind)
end)
