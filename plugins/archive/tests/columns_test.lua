-- Headers: where they are, what their columns mean, and when a person has to say.
local archive = require "archive.exports"

local function fields_of(rows)
  local header = archive.find_header(rows)
  return header and header.fields, header
end

local CARS = { "LS5TEST10TA000123", "LS5TEST12TA000124" }

describe("a header", function()
  it("is known by its headings, K1's synonyms among them", function()
    assert.same({ "order_no", "settled", "vin", "plate", "advisor", "km" },
      (fields_of { { "工单号", "结算日期", "底盘号", "牌照号", "接待顾问", "公里数" } }))
    assert.same({ "order_no", "vin", "plate" }, (fields_of { { "* 工單號", "車架號（VIN）", "車牌號：" } }))
  end)

  it("may stand below title rows", function()
    local fields, header = fields_of { { "维修结算明细" }, { "导出时间：2026-11-20", "", "" }, { "" }, { "工单号", "VIN", "车牌号" },
      { "RO1", CARS[1], "渝A12345" } }
    assert.equal(4, header.at)
    assert.same({ "order_no", "vin", "plate" }, fields)
  end)

  it("may be two rows with merged cells", function()
    local fields, header = fields_of {
      { "工单号", "VIN", "车主", "", "送修人", "" }, { "", "", "姓名", "手机", "姓名", "手机" }, { "RO1", CARS[1], "张某", "13800000000", "", "" },
    }
    assert.equal(2, header.at)
    assert.same({ "order_no", "vin", "owner", "owner_mobile", "bringer", "bringer_mobile" }, fields)
  end)

  it("is not found in a table of data, nor of nothing", function()
    assert.is_nil(archive.find_header { { "RO1", CARS[1], "渝A12345" }, { "RO2", CARS[2], "渝A12346" } })
    assert.is_nil(archive.find_header {})
    assert.is_nil(archive.find_header { { "" } })
  end)

  it("forgets the empty columns that trailing commas make", function()
    local _, header = fields_of { { "工单号", "VIN", "", "" } }
    assert.equal(2, #header.headings)
  end)

  it("says which needed column is missing", function()
    local _, header = fields_of { { "工单号", "车牌号", "结算日期" }, { "RO1", "渝A12345", "2026-11-18" } }
    assert.equal(1, #header.problems)
    assert.equal("vin", header.problems[1].field)
  end)
end)

describe("two columns of one name", function()
  it("are told apart where the content of one names itself (K2: a plate under 车主编号)", function()
    local fields, header = fields_of { { "工单号", "VIN", "车主编号", "车主编号" }, { "RO1", CARS[1], "C001", "渝A12345" }, { "RO2", CARS[2], "C002", "渝AD12345" } }
    assert.same({ "order_no", "vin", "owner_no", "plate" }, fields)
    assert.equal(0, #header.problems)
  end)

  it("are one where one of them is empty, or both say the same", function()
    local fields = fields_of { { "工单号", "VIN", "车牌号", "车牌号" }, { "RO1", CARS[1], "", "渝A12345" } }
    assert.same({ "order_no", "vin", "", "plate" }, fields)
    fields = fields_of { { "工单号", "VIN", "服务顾问", "服务顾问" }, { "RO1", CARS[1], "李工", "李工" } }
    assert.same({ "order_no", "vin", "advisor", "" }, fields)
  end)

  it("are one where only one reads as what the heading says", function()
    local fields, header = fields_of { { "工单号", "VIN", "结算日期", "结算日期" }, { "RO1", CARS[1], "王某", "2026-11-18" }, { "RO2", CARS[2], "李某", "2026-11-19" } }
    assert.same({ "order_no", "vin", "", "settled" }, fields)
    assert.equal(0, #header.problems)
  end)

  it("are otherwise a sentence that names both", function()
    local _, header = fields_of { { "工单号", "VIN", "结算日期", "结算日期" }, { "RO1", CARS[1], "2026-11-17", "2026-11-18" } }
    assert.equal(1, #header.problems)
    assert.is_true(header.problems[1].zh:find("第 3 列和第 4 列", 1, true) ~= nil)
    assert.is_true(header.problems[1].en:find("columns 3 and 4", 1, true) ~= nil)
    assert.same({ 3, 4 }, header.problems[1].columns)
  end)
end)

describe("a mapping", function()
  it("that a clerk corrected is remembered by its headings", function()
    local headings = { "单据", "车辆", "日" }
    assert.is_nil(archive.find_header { headings })
    archive.remember_columns(headings, { "order_no", "vin", "settled" })
    local fields, header = fields_of { { "标题" }, headings, { "RO1", CARS[1], "2026-11-18" } }
    assert.same({ "order_no", "vin", "settled" }, fields)
    assert.is_true(header.remembered)
    assert.equal(2, header.at)
  end)

  it("is found again for the file of refused lines, whose own columns are not read", function()
    archive.remember_columns({ "单据", "车辆" }, { "order_no", "vin" })
    local fields = fields_of { { "单据", "车辆", "原行号", "拒绝原因", "改正办法" } }
    assert.same({ "order_no", "vin", "ignore", "ignore", "ignore" }, fields)
  end)

  it("may not leave out what is needed", function()
    local guess = archive.guess_columns({ "工单号", "VIN" }, { "order_no", "" })
    assert.equal("vin", guess.problems[1].field)
  end)

  it("may not tell orders apart by two columns that differ", function()
    local headings, chosen = { "工单号", "VIN", "维修项目" }, { "order_no", "vin", "order_no" }
    local guess = archive.guess_columns(headings, chosen, { { "RO1", CARS[1], "" }, { "RO2", CARS[2], "更换机油" } })
    assert.same({ 1, 3 }, guess.problems[1].columns)
    assert.is_true(guess.problems[1].zh:find("第 1 列和第 3 列", 1, true) ~= nil)
    guess = archive.guess_columns({ "VIN", "车架号", "工单号" }, { "vin", "vin", "order_no" }, { { CARS[1], CARS[1], "RO1" }, { CARS[2], "", "RO2" } })
    assert.equal(0, #guess.problems, "the same number twice is no question")
  end)

  it("takes no field that does not exist", function()
    assert.same({ "order_no", "vin", "" }, archive.guess_columns({ "a", "b", "c" }, { "order_no", "vin", "shoe_size" }).fields)
  end)
end)
