-- The card, the numbers and the search.
local archive = require "archive.exports"
local db = require "host.db"
local search = require "archive.search"
local vault = require "host.vault"

local HEAD = { "工单号", "结算日期", "车牌号", "VIN", "车主", "车主手机", "服务顾问" }
local ROWS = {
  { "RO1001", "2026-11-18", "渝AD12345", "LS5TEST10TA000123", "张某", "13800004321", "李工" },
  { "RO1002", "2026-11-19", "渝AD12345", "LS5TEST10TA000123", "张某", "13800004321", "周工" },
  { "RO2001", "2026-11-17", "渝B00008", "LS5TEST12TA000124", "某公司", "023-12348765", "李工" },
}

local function visit(no) return db.one("SELECT id FROM archive_visit WHERE order_no = ?", no).id end

before_each(function()
  test.now "2026-11-21T09:00"
  test.as("li", { "specialist" })
  local id = archive.import_begin { file_name = "t.csv", columns = { headings = HEAD, fields = archive.guess_columns(HEAD).fields } }
  local rows = {}
  for i, cells in ipairs(ROWS) do rows[i] = { line = i + 1, cells = cells } end
  archive.import_rows(id, rows)
  archive.import_end(id)
  test.now "2026-11-21T09:30"
end)

describe("the search", function()
  it("finds by plate, last four digits, whole number, name, order number and VIN", function()
    for _, q in ipairs { "渝AD12345", "ad123", "渝a·D12345", "4321", "13800004321", "138 0000 4321", "张某", "张", "RO1001", "ro1002", "000123",
      "LS5TEST10TA000123" } do
      local rows = search.find(q)
      if q == "张" then
        assert.equal(0, #rows)
      else
        assert.equal(1, #rows, q)
        assert.equal("张*", rows[1].name)
      end
    end
  end)

  it("shows the latest visit of a car and covers what is private", function()
    local rows = search.find "4321"
    assert.equal("RO1002", rows[1].order_no)
    assert.equal(2, rows[1].visits)
    assert.equal("138****4321", rows[1].phone)
    assert.equal("渝A****45", rows[1].plate)
    assert.is_nil(rows[1].vin:find("LS5", 1, true))
  end)

  it("does not take % and _ for wild cards", function()
    assert.equal(0, #(search.find "%%%%"))
    assert.equal(0, #(search.find "______"))
  end)

  it("shows an advisor his own customers only", function()
    test.as("周工", { "advisor" })
    assert.equal(0, #(search.find "RO2001"))
  end)
end)

describe("the card", function()
  it("has the visit, the car, its people and its earlier visits", function()
    local card = archive.card(visit "RO1002")
    assert.equal("周工", card.visit.advisor)
    assert.equal("LS5TEST10TA000123", card.vehicle.vin)
    assert.equal(2, #card.history)
    assert.equal("RO1002", card.history[1].order_no)
    assert.equal("138****4321", card.people[1].phones[1].mask)
  end)

  it("answers for many visits at once", function()
    local ids = {}
    for i = 1, 250 do ids[i] = i end
    ids[251] = visit "RO1001"
    local map = archive.visits(ids)
    assert.equal("RO1001", map[tostring(ids[251])].order_no)
    assert.is_nil(map["1"])
  end)

  it("refuses what does not exist", function()
    assert.error_matches(function() archive.card(1) end, "no such visit")
    assert.error_matches(function() archive.number(1) end, "no such number")
    assert.error_matches(function() archive.add_number(1, "13800000000", "call") end, "no such customer")
  end)
end)

describe("numbers", function()
  local function owner() return archive.card(visit "RO1002").people[1] end

  it("are added on the spot and dialled first", function()
    archive.add_number(owner().customer_id, "139-0000-0001", "call")
    local phones = owner().phones
    assert.equal(2, #phones)
    assert.equal("13900000001", archive.number(phones[1].id))
  end)

  it("stand behind the others once they are bad", function()
    archive.add_number(owner().customer_id, "13900000001", "call")
    archive.phone_state(owner().phones[1].id, "bad")
    local phones = owner().phones
    assert.equal("138****4321", phones[1].mask)
    assert.equal("bad", phones[2].state)
  end)

  it("are good again when the customer gives one a second time", function()
    archive.phone_state(owner().phones[1].id, "bad")
    archive.add_number(owner().customer_id, "13800004321", "call")
    assert.equal(1, #owner().phones)
    assert.equal("ok", owner().phones[1].state)
  end)

  it("must be numbers", function()
    assert.error_matches(function() archive.add_number(owner().customer_id, "12345", "call") end, "readable")
    assert.error_matches(function() archive.add_number(owner().customer_id, "11111111111", "call") end, "made-up")
    assert.error_matches(function() archive.phone_state(owner().phones[1].id, "lost") end, "ok or bad")
  end)

  it("are not called where the customer asked so", function()
    archive.no_call(owner().customer_id, "客户要求")
    assert.is_true(owner().no_call)
    archive.may_call(owner().customer_id, "客户来电同意")
    assert.is_false(owner().no_call)
  end)

  it("are opened for a reason that stands sealed, apart from the audit row", function()
    local phone = owner().phones[1]
    archive.number(phone.id, "card", "张三说他的车停在老地方")
    archive.may_call(owner().customer_id, "老婆李四来电同意")
    assert.same({ { what = "no-call", detail = "taken back" }, { what = "unmask", detail = "card" } },
      db.all "SELECT what, detail FROM host_audit ORDER BY what")
    local said = {}
    for i, row in ipairs(db.all "SELECT audit_id, words_sealed FROM host_audit_words ORDER BY audit_id") do
      assert.is_nil(row.words_sealed:find("老", 1, true))
      said[i] = vault.open("host_audit_words", "words_sealed", row.audit_id, row.words_sealed)
    end
    assert.same({ "张三说他的车停在老地方", "老婆李四来电同意" }, said)
    archive.number(phone.id) -- the window of a call asks without words and is not listed
    local rows = require("archive.looks").list()
    assert.equal(2, #rows)
    assert.same({ "张*", "138****4321", "张三说他的车停在老地方" }, { rows[2].name, rows[2].number, rows[2].reason })
    assert.same({ "张*", false, "老婆李四来电同意" }, { rows[1].name, rows[1].number, rows[1].reason })
  end)

  it("are not shown for a reason that says nothing", function()
    test.as("zhao", { "supervisor" }, "赵主管")
    local id, person = visit "RO1001", owner()
    local function post(path, params)
      params.id, params.reason = id, " 　\n"
      return function() test.page("POST /visits/:id/" .. path, params) end
    end
    assert.error_matches(post("unmask", { phone = person.phones[1].id }), "请写明原因")
    assert.error_matches(post("no-call", { customer = person.customer_id }), "请写明原因")
    assert.error_matches(post("no-call", { customer = person.customer_id, undo = true }), "请写明原因")
    assert.equal(0, db.one "SELECT COUNT(*) AS n FROM host_audit WHERE what <> 'owner-transfer'".n)
  end)

  it("are listed without name, digits and reason when the customer was erased", function()
    archive.number(owner().phones[1].id, "card", "张三要求核对")
    local person = owner().customer_id
    test.as("gao", { "general-manager" })
    local no = archive.erasure_request(person, "request")
    archive.erasure_approve(no)
    archive.erase(no)
    local row = require("archive.looks").list()[1]
    assert.same({ "—", "***", "（已按本人要求删除）" }, { row.name, row.number, row.reason })
  end)

  it("are listed with the name of who looked, also when he has gone to another dealership", function()
    test.as("ma", {}, "马调走")
    archive.number(owner().phones[1].id, "card", "核对")
    assert.equal("马调走", require("archive.looks").list()[1].actor)
  end)
end)
