-- What can be wrong with a line, as sentences: the reason names column and value, the remedy says what to do about it.
local notes = {}

-- code = { zh reason, en reason, zh remedy, en remedy }; %s once or twice: the column's title, then the masked value.
local TEXTS = {
  order_missing = { "%s为空", "%s is empty", "填上工单号；没有工单号的行无法归档", "Fill in the order number; a line without it cannot be filed" },
  order_scientific = { "%s被表格软件改成了科学计数法（%s）", "%s was turned into scientific notation by a spreadsheet (%s)",
    "在表格软件中把该列设为“文本”后重新导出", "Set the column to Text in the spreadsheet and export again" },
  order_long = { "%s超过 64 个字符", "%s is longer than 64 characters", "核对列是否对应正确", "Check whether the columns are mapped rightly" },
  vin_missing = { "%s为空", "%s is empty", "填上 17 位车架号", "Fill in the VIN of 17 characters" },
  vin_length = { "%s不是 17 位（%s）", "%s does not have 17 characters (%s)", "对照行驶证补全 17 位车架号", "Complete the 17 characters after the vehicle licence" },
  vin_letters = { "%s含有不允许的字符（%s）：车架号没有字母 I、O、Q", "%s has characters that no VIN has (%s): there is no I, O or Q",
    "I 多半是 1，O 和 Q 多半是 0，对照行驶证更正", "I is most likely 1, O and Q are most likely 0: correct it after the vehicle licence" },
  vin_equal = { "%s是 17 个相同的字符（%s）", "%s is one character 17 times (%s)", "填上真实的车架号", "Fill in the real VIN" },
  vin_check = { "%s的校验位不符（%s），可能抄错一位", "The check digit of the %s does not fit (%s): one character may be wrong",
    "对照行驶证核对；进口车可能本来就不符", "Compare with the vehicle licence; an imported car may rightly differ" },
  plate_form = { "%s不像车牌（%s），未采用", "%s does not look like a plate (%s) and was left out", "核对后重新导入", "Check it and import again" },
  phone_scientific = { "%s被表格软件改成了科学计数法（%s），号码已丢失", "%s was turned into scientific notation by a spreadsheet (%s): the number is lost",
    "把该列设为“文本”后重新导出，或向服务顾问核实", "Set the column to Text and export again, or ask the advisor" },
  phone_form = { "%s认不出电话号码（%s），未采用", "%s holds no readable phone number (%s) and was left out", "向服务顾问核实号码", "Ask the advisor for the number" },
  phone_area = { "%s缺少区号（%s），未采用", "%s lacks its area code (%s) and was left out", "补上区号，如 023-12345678", "Add the area code, as 023-12345678" },
  phone_dummy = { "%s是凑数的号码（%s），未采用", "%s is a made-up number (%s) and was left out", "向服务顾问核实号码", "Ask the advisor for the number" },
  date_form = { "%s认不出日期（%s），未采用", "%s holds no readable date (%s) and was left out", "改成 2026-11-21 的写法", "Write it as 2026-11-21" },
  date_none = { "%s不是存在的日期（%s），未采用", "%s is no day of the calendar (%s) and was left out", "核对日期", "Check the date" },
  date_year = { "%s的年份不合理（%s），未采用", "The year of %s cannot be right (%s); it was left out", "核对日期", "Check the date" },
  number_form = { "%s认不出数字（%s），未采用", "%s holds no readable number (%s) and was left out", "只填数字", "Write digits only" },
  number_scientific = { "%s是科学计数法（%s），未采用", "%s is in scientific notation (%s) and was left out",
    "把该列设为“数值”后重新导出", "Set the column to Number and export again" },
  km_range = { "%s的里程不合理（%s），未采用", "The kilometres in %s cannot be right (%s); they were left out", "核对里程", "Check the kilometres" },
  yesno_form = { "%s应为“是”或“否”（%s），未采用", "%s should be yes or no (%s) and was left out", "改成“是”或“否”", "Write 是 or 否" },
  owner_kind = { "%s应为“个人”或“公司”（%s），未采用", "%s should be person or company (%s) and was left out", "改成“个人”或“公司”", "Write 个人 or 公司" },
  dictionary = { "%s是字典代码（%s），不知道是什么意思", "%s is a dictionary number (%s) of unknown meaning",
    "导出时选上字典翻译，或请信息员在插件中补充代码", "Export with dictionary texts, or let IT add the number in a plugin" },
}

-- One note as data: value is already masked.
function notes.make(line, level, field, code, value)
  local t = TEXTS[code]
  local shown = value or ""
  return {
    line = line, level = level, field = field.id, code = code, value = value,
    zh = t[1]:format(field.zh, shown), en = t[2]:format(field.en, shown),
  }
end

function notes.remedy(code)
  local t = TEXTS[code]
  if not t then return { zh = "", en = "" } end
  return { zh = t[3], en = t[4] }
end

return notes
