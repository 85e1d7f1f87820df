-- Domain M1 and K3: what a cell says.
local clean = require "archive.clean"

local function reads(fn, cases)
  for _, case in ipairs(cases) do
    local value, code = fn(case[1])
    assert.equal(case[2], value, case[1])
    assert.equal(case[3], code, case[1])
  end
end

describe("a VIN", function()
  it("is right, doubtful or wrong as in M1", function()
    reads(clean.vin, {
      { "LS5TEST10TA000123", "LS5TEST10TA000123" }, { "LS5TEST12TA000124", "LS5TEST12TA000124" }, { "LZZZZZZZ7TZ000001", "LZZZZZZZ7TZ000001" },
      { "LS5TEST11TA000123", "LS5TEST11TA000123", "vin_check" }, { "LS5TEST10TA00012", nil, "vin_length" },
      { "LS5TEST10TAO00123", nil, "vin_letters" }, { "LS5TEST10TAI00123", nil, "vin_letters" }, { "LS5TEST10TAQ00123", nil, "vin_letters" },
      { "11111111111111111", nil, "vin_equal" }, { "", nil, "vin_missing" }, { "无", nil, "vin_missing" },
      { " ls5test10ta000123 ", "LS5TEST10TA000123" }, { "ＬＳ５TEST10TA000123", "LS5TEST10TA000123" },
    })
  end)

  it("has the sums of F2", function()
    for vin, sum in pairs { ["1FACP45EXLF192944"] = 373, WBAXW1104J0X16755 = 279, LS5A2ABE4FA000001 = 202, LFPH3ACC5J1A00001 = 225,
      LS5TEST10TA000123 = 176 } do
      local digit, found = clean.vin_check(vin)
      assert.equal(sum, found)
      assert.equal(vin:sub(9, 9), digit)
    end
  end)
end)

describe("a plate", function()
  it("is read as in M1", function()
    reads(clean.plate, {
      { "渝A12345", "渝A12345" }, { "京A1234学", "京A1234学" }, { "粤Z1A23港", "粤Z1A23港" }, { "渝AD12345", "渝AD12345" },
      { "京AA12345", "京AA12345" }, { "京A12345D", "京A12345D" }, { "京AF1234", "京AF1234" }, { "京AI2345", nil, "plate_form" },
      { "京AD1234O", nil, "plate_form" }, { "京A1234", nil, "plate_form" }, { "京AA1234567", nil, "plate_form" },
      { "渝a·D12345", "渝AD12345" }, { "渝Ａ１２３４５", "渝A12345" }, { "粵Z1A23港", "粤Z1A23港" }, { "无牌照", nil }, { "無牌照", nil }, { "/", nil },
      { "渝A-12345", "渝A12345" }, { "使014578", "使014578" },
    })
  end)

  it("knows its kind", function()
    for plate, kind in pairs { ["京AF1234"] = "ordinary", ["渝AD12345"] = "energy", ["京A12345D"] = "energy", ["渝A1234临"] = "special" } do
      local _, _, found = clean.plate(plate)
      assert.equal(kind, found)
    end
  end)
end)

describe("a phone number", function()
  it("is read in every way K3 writes it", function()
    reads(clean.phone, {
      { "+86 138-0000-0000", "13800000000" }, { "138００００００００", "13800000000" }, { "13800000000.0", "13800000000" },
      { "'13800000000", "13800000000" }, { '="13800000000"', "13800000000" }, { "\t13800000000", "13800000000" },
      { "0086 13800000000", "13800000000" }, { "1795113800000000", "13800000000" }, { "8613800000000", "13800000000" },
      { "1.38E+10", nil, "phone_scientific" }, { "023-12345678", "023-12345678" }, { "(023)12345678", "023-12345678" },
      { "02312345678", "023-12345678" }, { "0512-6234567转8", "0512-6234567" }, { "12345678", nil, "phone_area" }, { "张三", nil, "phone_form" },
      { "无", nil }, { nil, nil },
    })
  end)

  it("may be two in a cell", function()
    local good, bad = clean.phones "13800000001/13900000002"
    assert.same({ { number = "13800000001", kind = "mobile" }, { number = "13900000002", kind = "mobile" } }, good)
    assert.equal(0, #bad)
    good, bad = clean.phones "13800000001、坏"
    assert.equal(1, #good)
    assert.equal("phone_form", bad[1].code)
    good = clean.phones "13800000001 023-12345678"
    assert.is_true(#good <= 1)
  end)

  it("is no number if it was made up", function()
    local good, bad = clean.phones "11111111111"
    assert.equal(0, #good)
    assert.equal(1, #bad)
  end)
end)

describe("an identity number", function()
  it("is checked as in M1", function()
    reads(clean.id_number, {
      { "000000200102290030", nil, "id_day" }, { "000000199001010019", nil, "id_check" }, { "12345", nil, "id_form" },
    })
    for id, sum in pairs { ["000000199001010018"] = 81, ["000000198512240021"] = 143, ["000000200002290037"] = 93 } do
      local value, found = clean.id_number(id)
      assert.equal(id, value)
      assert.equal(sum, found)
    end
    assert.equal("11010519491231002X", (clean.id_number "11010519491231002x"))
  end)
end)

describe("a date", function()
  it("is read in every way of K3.3", function()
    for _, s in ipairs { "2026-11-21", "2026/11/21", "2026.11.21", "20261121", "2026年11月21日", "26-11-21", "2026-11-21 00:00:00.0", "46347",
      "'2026-11-21", "2026-11-21T00:00:00+08:00", "２０２６-11-21" } do
      assert.equal("2026-11-21", (clean.date(s)), s)
    end
  end)

  it("keeps the time of day", function()
    local cases = { ["2026/1/5 8:03"] = 483, ["46027.335417"] = 483, ["2026/1/5 下午 4:42"] = 1002, ["2026年1月5日 8时03分"] = 483,
      ["20260105080300"] = 483 }
    for s, minutes in pairs(cases) do
      local day, _, found = clean.date(s)
      assert.equal("2026-01-05", day, s)
      assert.equal(minutes, found, s)
    end
  end)

  it("is empty or unreadable where it should be", function()
    reads(clean.date, {
      { "1900-01-01", nil }, { "0001-01-01", nil }, { "1900-01-00", nil }, { "0", nil }, { "—", nil }, { "2026-02-30", nil, "date_none" },
      { "11/21/2026", nil, "date_form" }, { "昨天", nil, "date_form" }, { "20261301", nil, "date_none" }, { "2026-11-21x", nil, "date_form" },
    })
  end)

  it("knows leap days", function()
    assert.equal("2028-02-29", (clean.date "2028-02-29"))
    assert.is_nil((clean.date "2026-02-29"))
  end)
end)

describe("a number", function()
  it("is exact money in fen", function()
    reads(clean.money, {
      { "￥486.00", 48600 }, { "12,036", 1203600 }, { "1.2万", 1200000 }, { "(300.00)", -30000 }, { "-300", -30000 }, { "４８６．５", 48650 },
      { "1,234.567", 123457 }, { "0.1", 10 }, { "1.15", 115 }, { "8.29", 829 }, { ".5", 50 }, { "1200元", 120000 }, { "—", nil },
      { "12,36", nil, "number_form" }, { "二百", nil, "number_form" }, { "1.2E+4", nil, "number_scientific" },
    })
  end)

  it("is kilometres", function()
    reads(clean.km, {
      { "12,036", 12036 }, { "12036公里", 12036 }, { "1.2万公里", 12000 }, { "12036.0", 12036 }, { "-5", nil, "km_range" },
      { "9999999", nil, "km_range" }, { "/", nil }, { "一万", nil, "number_form" },
    })
  end)
end)

describe("words", function()
  it("empties itself of what means nothing", function()
    for _, s in ipairs { "", " ", "无", "/", "-", "—", "NULL", "未知", "无牌照", "\u{3000}", "\u{A0}", "\u{200B}", "N/A" } do
      assert.is_nil(clean.cell(s), s)
    end
  end)

  it("loses what nobody sees: directions, joiners, controls", function()
    local unseen = { 0x07, 0x1B, 0x7F, 0x85, 0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060,
      0x2066, 0x2067, 0x2068, 0x2069, 0x206F, 0x3164, 0xFEFF, 0xFFF9, 0xE0001, 0xE0041 }
    for _, code in ipairs(unseen) do
      local c = utf8.char(code)
      assert.equal("张三丰", (clean.name(c .. "张" .. c .. "三丰" .. c)), ("U+%04X"):format(code))
      assert.equal("渝A12345", (clean.plate("渝A" .. c .. "12345")), ("U+%04X"):format(code))
      assert.equal("好 abc", clean.cell("好" .. c .. " abc" .. c), ("U+%04X"):format(code))
      assert.equal("RO1", (clean.order_no("RO" .. c .. "1")), ("U+%04X"):format(code))
      assert.is_nil(clean.cell(c), ("U+%04X"):format(code))
    end
    assert.equal("一\n二 三", clean.cell "一\r\n二\u{2028}三")
  end)

  it("knows a title from a name", function()
    assert.equal("张先生", (clean.name "张先生"))
    assert.equal("张三", (clean.name "张三先生"))
    assert.equal("欧阳女士", (clean.name "欧阳女士"))
    assert.is_nil((clean.name "先生"))
    assert.equal("张三", (clean.name "张\u{3000}三"))
  end)

  it("puts dictionary numbers back", function()
    assert.is_true(clean.yesno "12781001")
    assert.is_false(clean.yesno "12781002")
    assert.equal("company", clean.owner_kind "11901001")
    assert.equal("person", clean.owner_kind "10181001")
    reads(clean.yesno, { { "12781009", nil, "dictionary" }, { "也许", nil, "yesno_form" } })
    assert.equal("定期保养", (clean.word("12041001", { ["12041001"] = "定期保养" })))
    local value, code = clean.word "12041001"
    assert.equal("12041001", value)
    assert.equal("dictionary", code)
  end)

  it("refuses an order number that a spreadsheet ate", function()
    reads(clean.order_no, { { "1.38E+10", nil, "order_scientific" }, { "10023.0", "10023" }, { "'ro 001", "RO001" }, { "/", nil, "order_missing" } })
  end)

  it("knows a line of sums", function()
    assert.is_true(clean.is_total({ "合计", "", "486" }, 3))
    assert.is_true(clean.is_total({ "", "小 计：", "486" }, 3))
    assert.is_false(clean.is_total({ "RO1", "定期保养", "2026", "合计" }, 4))
  end)
end)
