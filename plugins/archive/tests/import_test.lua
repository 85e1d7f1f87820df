-- What an import does to the store: domain R, L15, F7.
local archive = require "archive.exports"
local csv = require "host.csv"
local db = require "host.db"
local json = require "host.json"
local fixture = require "archive.tests.rows"
local sample = require "archive.sample"

local R_HEAD = { "工单号", "维修类型", "结算日期", "交车日期", "车牌号", "底盘号", "车主", "车主手机", "送修人", "送修人手机", "服务顾问", "结算金额" }
local CARS = { "LS5TEST10TA000123", "LS5TEST12TA000124" }

local function import(headings, rows, first_line)
  local guess = archive.guess_columns(headings, nil, rows)
  assert.equal(0, #guess.problems)
  local id = archive.import_begin { file_name = "t.csv", file_hash = "", encoding = "UTF-8", delimiter = ",",
    columns = { headings = headings, fields = guess.fields } }
  local batch = {}
  for i, cells in ipairs(rows) do batch[i] = { line = (first_line or 1) + i, cells = cells } end
  local part = archive.import_rows(id, batch)
  return archive.import_end(id), part.notes, id
end

local function import_file(name)
  local t, head, rest = csv.open(name), nil, {}
  while true do
    local line, cells = t:next()
    if not line then break end
    if head then rest[#rest + 1] = cells else head = cells end
  end
  t:close()
  return import(head, rest)
end

local function counts(read, new, updated, skipped, refused, warned)
  return { read = read, new = new, updated = updated, skipped = skipped, refused = refused, warned = warned }
end

local function order(o)
  return { o.no or "RO1", o.kind or "定期保养", o.settled or "2026-11-18", o.picked_up or "2026-11-18", o.plate or "渝A12345", o.vin or CARS[1],
    o.owner or "张某", o.mobile or "13800000000", o.bringer or "", o.bringer_mobile or "", o.advisor or "李工", o.amount or "486" }
end

local function visit(no) return db.one("SELECT * FROM archive_visit WHERE order_no = ?", no) end
local function count(sql, ...) return db.one("SELECT count(*) AS n FROM " .. sql, ...).n end

describe("the columns of a file before its import", function()
  local row = { { "RO1", "order_no" }, { "LS5TEST10TA000123", "vin" }, { "渝a·12345", "plate" }, { "京AD12345", "" }, { "LS5TEST12TA000124", "" },
    { "张三丰", "owner" }, { "13800000001", "" }, { "渝A1234", "plate" }, { "2026-11-18", "settled" } }
  local function shown()
    local out = {}
    for i, cell in ipairs(row) do out[i] = sample(cell[1], cell[2]) end
    return out
  end

  it("covers plates and VINs as lists do, also where nobody mapped them", function()
    test.as("wang", { "specialist" })
    assert.same({ "RO1", "***********000123", "渝a***45", "京A****45", "***********000124", "张**", "138****0001", "渝A**34", "2026-11-18" }, shown())
  end)

  it("shows them to whom the card shows them", function()
    test.as("zhao", { "supervisor" })
    assert.same({ "RO1", "LS5TEST10TA000123", "渝a·12345", "京AD12345", "LS5TEST12TA000124", "张**", "138****0001", "渝A1234", "2026-11-18" }, shown())
  end)
end)

describe("an import's file", function()
  it("is named without what nobody sees", function()
    local id = archive.import_begin { file_name = "a\u{202E}vsc.exe\27[2J.csv", file_hash = "", encoding = "UTF-8", delimiter = ",",
      columns = { headings = { "工单号", "车架号" }, fields = { "order_no", "vin" } } }
    assert.equal("avsc.exe[2J.csv", db.one("SELECT file_name FROM archive_import WHERE id = ?", id).file_name)
  end)
end)

describe("the sample of domain R", function()
  for encoding, bytes in pairs(fixture.encodings) do
    it("gives read 4, new 2, skipped 2, warned 1 in " .. encoding, function()
      local name = test.file("orders.csv", bytes)
      assert.equal(encoding, csv.open(name).encoding)
      local total, notes = import_file(name)
      assert.same(counts(4, 2, 0, 2, 0, 1), total)
      assert.equal(1, #notes)
      assert.equal("phone_scientific", notes[1].code)
      assert.equal(4, notes[1].line)
    end)
  end

  it("is read as R says", function()
    import_file(test.file("orders.csv", fixture.text))
    local first, second = visit "RO2611180001", visit "RO2611180002"
    assert.equal("2026-11-18", first.settled_on)
    assert.equal("2026-11-18", first.picked_up_on)
    assert.equal(12036, first.km)
    assert.equal(48600, first.amount_fen)
    assert.equal(1, first.call_wanted)
    assert.equal("2026-11-18", second.settled_on)
    assert.is_nil(second.picked_up_on)
    assert.is_nil(second.km)
    assert.is_nil(second.amount_fen)
    assert.equal(0, second.call_wanted)
    assert.equal("客户拒访", second.no_call_reason)
    local card = archive.card(second.id)
    assert.is_nil(card.vehicle.plate)
    assert.equal("owner", card.people[1].role) -- 王某 brought the car, but his number cannot be read
    assert.equal("company", card.people[1].kind)
    assert.equal("phone", card.people[1].phones[1].kind)
    assert.equal("bringer", card.people[2].role)
    assert.equal("渝AD12345", archive.card(first.id).vehicle.plate)
  end)

  it("changes nothing the second time", function()
    local name = test.file("orders.csv", fixture.text)
    import_file(name)
    local function state()
      return json.encode { db.all "SELECT * FROM archive_customer ORDER BY id", db.all "SELECT id, customer_id, number_index FROM archive_phone ORDER BY id",
        db.all "SELECT * FROM archive_vehicle ORDER BY id", db.all "SELECT * FROM archive_visit ORDER BY id" }
    end
    local before = state()
    assert.same(counts(4, 0, 0, 4, 0, 0), (import_file(name)))
    assert.equal(before, state())
    assert.same(counts(4, 0, 0, 4, 0, 0), (import_file(test.file("again.csv", fixture.encodings.GB18030))))
    assert.equal(before, state())
  end)
end)

describe("a line", function()
  it("is refused for a VIN of wrong length or letters, with reason, remedy and itself", function()
    local total, notes, id = import(R_HEAD, { order { no = "RO1", vin = "LS5TEST10TA00012" }, order { no = "RO2", vin = "LS5TEST10TAO00123" } })
    assert.same(counts(2, 0, 0, 0, 2, 0), total)
    assert.equal("vin_length", notes[1].code)
    assert.equal("vin_letters", notes[2].code)
    assert.is_nil(visit "RO1")
    local rows = archive.refused_rows(id, "zh")
    assert.equal(3, #rows)
    assert.equal("拒绝原因", rows[1][#R_HEAD + 2])
    assert.equal("LS5TEST10TA00012", rows[2][6])
    assert.equal("13800000000", rows[2][8])
    assert.equal(2, rows[2][#R_HEAD + 1])
    assert.is_true(rows[2][#R_HEAD + 3] ~= "")
  end)

  it("comes back corrected and is taken, its added columns are not read", function()
    local _, _, id = import(R_HEAD, { order { vin = "LS5TEST10TA00012" } })
    local rows = archive.refused_rows(id, "zh")
    rows[2][6] = CARS[1]
    local total = import_file(test.file("refused.csv", csv.write(rows)))
    assert.same(counts(1, 1, 0, 0, 0, 0), total)
    assert.equal("{}", visit("RO1").extra)
  end)

  it("is kept with a warning for each bad optional field, and counts once", function()
    local total, notes = import(R_HEAD, { order { plate = "渝AI2345", mobile = "1.38E+10", settled = "2026-02-30" } })
    assert.same(counts(1, 1, 0, 0, 0, 1), total)
    assert.equal(3, #notes)
    for _, note in ipairs(notes) do
      assert.equal("warned", note.level)
      assert.is_true(note.zh ~= "" and note.en ~= "")
      assert.is_nil(note.zh:find("13800000000", 1, true))
    end
  end)

  it("is warned of for a wrong check digit, and kept", function()
    local total = import(R_HEAD, { order { vin = "LS5TEST11TA000123" } })
    assert.same(counts(1, 1, 0, 0, 0, 1), total)
  end)

  it("is skipped if it is blank, a sum, or a further line of an order", function()
    local further = {}
    for i = 1, #R_HEAD do further[i] = "" end
    further[2] = "更换机油"
    local total = import(R_HEAD, { order {}, order { amount = "999" }, further, { "" }, {}, { "小计", "", "", "486" }, { "合计" } })
    assert.same(counts(7, 1, 0, 6, 0, 0), total)
    assert.equal(48600, visit("RO1").amount_fen)
  end)

  it("is the first of its order if the one before was refused", function()
    local total = import(R_HEAD, { order { vin = "LS5TEST10TA00012" }, order {}, order { vin = "LS5TEST10TA00012" } })
    assert.same(counts(3, 1, 0, 1, 1, 0), total)
  end)

  it("is refused without an order number, and without a VIN", function()
    local total, notes = import(R_HEAD, { order { no = "/" }, order { no = "RO2", vin = "无" } })
    assert.same(counts(2, 0, 0, 0, 2, 0), total)
    assert.equal("order_missing", notes[1].code)
    assert.equal("vin_missing", notes[2].code)
  end)

  it("is known as a further line in the next batch too", function()
    local guess = archive.guess_columns(R_HEAD)
    local id = archive.import_begin { file_name = "t.csv", columns = { headings = R_HEAD, fields = guess.fields } }
    archive.import_rows(id, { { line = 2, cells = order {} } })
    local part = archive.import_rows(id, { { line = 3, cells = order { amount = "1" } } })
    assert.equal(1, part.skipped)
    assert.same(counts(2, 1, 0, 1, 0, 0), archive.import_end(id))
    assert.equal(0, count "archive_import_order")
  end)

  it("is not taken after its import has ended", function()
    local _, _, id = import(R_HEAD, { order {} })
    assert.error_matches(function() archive.import_rows(id, { { line = 9, cells = order { no = "RO9" } } }) end, "ended")
  end)
end)

describe("an order that is known", function()
  it("is updated by a corrected settlement", function()
    import(R_HEAD, { order {} })
    assert.same(counts(1, 0, 1, 0, 0, 0), (import(R_HEAD, { order { settled = "2026-11-19", amount = "￥512.00" } })))
    local row = visit "RO1"
    assert.equal("2026-11-19", row.settled_on)
    assert.equal(51200, row.amount_fen)
    assert.equal(1, count "archive_visit")
  end)

  it("keeps its settlement and pick-up when an older export comes later", function()
    import(R_HEAD, { order {} })
    assert.same(counts(1, 0, 0, 1, 0, 0), (import(R_HEAD, { order { settled = "/", picked_up = "" } })))
    assert.equal("2026-11-18", visit("RO1").settled_on)
    assert.truthy(visit("RO1").picked_up_on)
  end)

  it("keeps what the second file cannot say", function()
    import(R_HEAD, { order {} })
    local total = import({ "工单号", "VIN", "结算日期" }, { { "RO1", CARS[1], "2026-11-18" } })
    assert.same(counts(1, 0, 0, 1, 0, 0), total)
    import(R_HEAD, { order { settled = "2026-02-30", amount = "500" } })
    assert.equal("2026-11-18", visit("RO1").settled_on)
    assert.equal("定期保养", visit("RO1").kind)
  end)

  it("is skipped where only the writing differs", function()
    import(R_HEAD, { order {} })
    assert.same(counts(1, 0, 0, 1, 0, 0), (import(R_HEAD, { order { plate = "渝a·12345", mobile = "+86 138-0000-0000", settled = "2026/11/18",
      picked_up = "46344", amount = "486.00" } })))
  end)
end)

describe("people", function()
  it("follow a car to its new owner, who is another customer", function()
    import(R_HEAD, { order {}, order { no = "RO2", settled = "2026-11-19", owner = "李某", mobile = "13900000001" } })
    assert.equal(2, count "archive_customer")
    assert.equal(1, count "archive_vehicle")
    local owner = db.one "SELECT c.name FROM archive_vehicle v JOIN archive_customer c ON c.id = v.owner_id"
    assert.equal("李某", owner.name)
    assert.equal(1, count("host_audit WHERE what = ?", "owner-transfer"))
    assert.equal("张某", archive.card(visit("RO1").id).people[1].name)
  end)

  it("are not turned back by an older file", function()
    import(R_HEAD, { order { no = "RO2", settled = "2026-11-19", owner = "李某", mobile = "13900000001", plate = "渝B22222" } })
    import(R_HEAD, { order { settled = "2026-10-01" } })
    local car = db.one "SELECT v.plate, c.name FROM archive_vehicle v JOIN archive_customer c ON c.id = v.owner_id"
    assert.equal("李某", car.name)
    assert.equal("渝B22222", car.plate)
  end)

  it("are three: who brought the car is dialled first, then the owner, then the contact", function()
    local headings = { "工单号", "VIN", "车主", "车主手机", "送修人", "送修人手机", "联系人", "联系人手机" }
    import(headings, { { "RO1", CARS[1], "张某", "13800000000", "王某", "13900000002", "陈某", "13900000003" } })
    local people = archive.card(visit("RO1").id).people
    assert.equal("bringer", people[1].role)
    assert.equal("owner", people[2].role)
    assert.equal("contact", people[3].role)
  end)

  it("are one customer where they are the same: same number and name, same name on the same car, a company over many cars", function()
    import(R_HEAD, {
      order {}, order { no = "RO2", vin = CARS[2], plate = "渝A00002" }, -- two cars of one person
      order { no = "RO3", settled = "2026-11-19", mobile = "13900000009" }, -- a new number
      order { no = "RO4", bringer = "张某", bringer_mobile = "13800000000", settled = "2026-11-19" },
    })
    assert.equal(1, count "archive_customer")
    assert.equal(2, count "archive_phone")
    import(R_HEAD, { order { no = "RO5", owner = "示例物流有限公司", mobile = "023-12345678" },
      order { no = "RO6", vin = CARS[2], owner = "示例物流有限公司", mobile = "" } })
    assert.equal(1, count("archive_customer WHERE kind = 'company'"))
  end)

  it("are never merged by name alone", function()
    import(R_HEAD, { order {}, order { no = "RO2", vin = CARS[2], mobile = "13900000001" } })
    assert.equal(2, count "archive_customer")
  end)

  it("are known by 张先生 and later by the whole name", function()
    import(R_HEAD, { order { owner = "张先生" }, order { no = "RO2", owner = "张某某", settled = "2026-11-19" } })
    assert.equal(1, count "archive_customer")
    assert.equal("张某某", db.one("SELECT name FROM archive_customer").name)
  end)
end)

describe("what is private", function()
  it("stands sealed: no number in any plain column, no identity number or address among the extra ones", function()
    local headings = { "工单号", "VIN", "车主", "车主手机", "身份证号", "地址", "颜色", "说不清", "备注" }
    import(headings, { { "RO1", CARS[1], "张某", "13800000000", "000000199001010018", "某路 1 号", "白色", "13900000001", "晚上打 13800000000" } })
    local row = visit "RO1"
    assert.same({ ["颜色"] = "白色" }, json.decode(row.extra))
    assert.is_nil(row.remark_sealed:find("13800000000", 1, true))
    local phone = db.one "SELECT * FROM archive_phone"
    assert.equal("138****0000", phone.number_mask)
    assert.is_nil(phone.number_sealed:find("13800000000", 1, true))
    assert.equal("晚上打 13800000000", archive.card(row.id).visit.remark)
  end)

  it("is opened with a trace", function()
    import(R_HEAD, { order {} })
    local phone = archive.card(visit("RO1").id).people[1].phones[1]
    assert.equal("138****0000", phone.mask)
    assert.equal("13800000000", archive.number(phone.id))
    local row = db.one("SELECT subject, detail FROM host_audit WHERE what = 'unmask'")
    assert.equal("phone:" .. phone.id, row.subject)
    assert.is_nil((row.detail or ""):find("138", 1, true))
  end)
end)
