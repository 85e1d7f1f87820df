-- Domain R: the sample import as a dealer system writes it.
local rows = {}

rows.text = table.concat({
  "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机,送修人,送修人手机,服务顾问,进厂里程,结算金额,是否三日电访,不回访原因",
  'RO2611180001,定期保养,2026/11/18 16:42,2026/11/18,渝A·D12345,LS5TEST10TA000123,张某,13800000000,,,李工,"12,036",￥486.00,12781001,',
  "RO2611180001,定期保养,2026/11/18 16:42,2026/11/18,渝AD12345,LS5TEST10TA000123,张某,13800000000,,,李工,12036,486,是,",
  "RO2611180002,事故,46344,,无牌照,LS5TEST12TA000124,某公司,023-12345678,王某,1.39E+10,李工,/,—,12781002,客户拒访",
  "合计,,,,,,,,,,,,486,,",
}, "\r\n") .. "\r\n"

-- The same bytes as Excel's plain "CSV" on a Chinese Windows has them, in hexadecimal: the host reads GB18030 but writes none.
local GB18030 = table.concat {
  "b9a4b5a5bac52cceacd0dec0e0d0cd2cbde1cbe3c8d5c6da2cbdbbb3b5c8d5c6da2cb3b5c5c6bac52cb5d7c5ccbac52cb3b5d6f72cb3b5d6f7cad6bb",
  "fa2ccbcdd0dec8cb2ccbcdd0dec8cbcad6bbfa2cb7fecef1b9cbceca2cbdf8b3a7c0efb3cc2cbde1cbe3bdf0b6ee2ccac7b7f1c8fdc8d5b5e7b7c32c",
  "b2bbbbd8b7c3d4add2f20d0a524f323631313138303030312cb6a8c6dab1a3d1f82c323032362f31312f31382031363a34322c323032362f31312f31",
  "382cd3e541a1a44431323334352c4c533554455354313054413030303132332cd5c5c4b32c31333830303030303030302c2c2cc0eeb9a42c2231322c",
  "303336222ca3a43438362e30302c31323738313030312c0d0a524f323631313138303030312cb6a8c6dab1a3d1f82c323032362f31312f3138203136",
  "3a34322c323032362f31312f31382cd3e5414431323334352c4c533554455354313054413030303132332cd5c5c4b32c31333830303030303030302c",
  "2c2cc0eeb9a42c31323033362c3438362ccac72c0d0a524f323631313138303030322ccac2b9ca2c34363334342c2ccedec5c6d5d52c4c5335544553",
  "54313254413030303132342cc4b3b9abcbbe2c3032332d31323334353637382ccdf5c4b32c312e3339452b31302cc0eeb9a42c2f2ca1aa2c31323738",
  "313030322cbfcdbba7bedcb7c30d0abacfbcc62c2c2c2c2c2c2c2c2c2c2c2c3438362c2c0d0a",
}

local function utf16(s)
  local out = { "\xFF\xFE" }
  for _, code in utf8.codes(s) do out[#out + 1] = string.pack("<I2", code) end
  return table.concat(out)
end

-- name -> bytes; UTF-16 is what a spreadsheet calls "Unicode text": between tabs.
rows.encodings = {
  ["UTF-8"] = rows.text,
  ["UTF-8-BOM"] = "\xEF\xBB\xBF" .. rows.text,
  ["GB18030"] = (GB18030:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)),
  ["UTF-16LE"] = utf16((rows.text:gsub('"12,036"', "12\001036"):gsub(",", "\t"):gsub("\1", ","))),
}

return rows
