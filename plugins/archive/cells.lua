-- The text of a cell as a dealer system or a spreadsheet writes it, before anybody asks what it means: widths, blanks, wrappers, old
-- characters, and the many ways to write nothing.
local text = require "host.text"

local cells = {}

local CHARACTER = "[\0-\x7F\xC2-\xF4][\x80-\xBF]*"

function cells.set(words)
  local out = {}
  for word in words:gmatch("%S+") do out[word] = true end
  return out
end

function cells.characters(s)
  local out = {}
  for c in s:gmatch(CHARACTER) do out[#out + 1] = c end
  return out
end

-- The characters of headings, plates and fixed words only: names keep the form their bearers write.
local SIMPLE = {
  ["車"] = "车", ["號"] = "号", ["單"] = "单", ["維"] = "维", ["類"] = "类", ["結"] = "结", ["盤"] = "盘", ["電"] = "电", ["話"] = "话",
  ["機"] = "机", ["聯"] = "联", ["繫"] = "系", ["係"] = "系", ["業"] = "业", ["務"] = "务", ["顧"] = "顾", ["問"] = "问", ["進"] = "进",
  ["廠"] = "厂", ["額"] = "额", ["訪"] = "访", ["開"] = "开", ["據"] = "据", ["備"] = "备", ["註"] = "注", ["時"] = "时", ["間"] = "间",
  ["員"] = "员", ["編"] = "编", ["碼"] = "码", ["總"] = "总", ["費"] = "费", ["購"] = "购", ["銷"] = "销", ["發"] = "发", ["動"] = "动",
  ["識"] = "识", ["別"] = "别", ["預"] = "预", ["計"] = "计", ["實"] = "实", ["際"] = "际", ["應"] = "应", ["無"] = "无", ["質"] = "质",
  ["稱"] = "称", ["術"] = "术", ["師"] = "师", ["項"] = "项", ["態"] = "态", ["標"] = "标", ["內"] = "内", ["數"] = "数", ["報"] = "报",
  ["離"] = "离", ["裡"] = "里", ["裏"] = "里", ["粵"] = "粤", ["遼"] = "辽", ["滬"] = "沪", ["魯"] = "鲁", ["蘇"] = "苏", ["贛"] = "赣",
  ["桂"] = "桂", ["晉"] = "晋", ["陝"] = "陕", ["閩"] = "闽", ["貴"] = "贵", ["寧"] = "宁", ["瓊"] = "琼", ["雲"] = "云", ["學"] = "学",
  ["掛"] = "挂", ["領"] = "领", ["臨"] = "临", ["黃"] = "黄", ["萬"] = "万", ["個"] = "个", ["屬"] = "属", ["產"] = "产",
}

function cells.simple(s)
  if not s:find("[\x80-\xFF]") then return s end
  return (s:gsub(CHARACTER, SIMPLE))
end

-- Spreadsheets keep long numbers as text in three ways: '138..., ="138...", a leading tab.
local function unwrap(s)
  local inner = s:match('^="(.*)"$') or s:match("^=(%d+)$")
  s = inner or s
  while s:sub(1, 1) == "'" or s:sub(1, 3) == "‘" or s:sub(1, 3) == "’" do
    s = s:sub(1, 1) == "'" and s:sub(2) or s:sub(4)
  end
  return s
end

local EMPTY = cells.set [[无 没有 暂无 未知 不详 空 （空） (空) / // \ - -- --- — —— ― – ~ NULL null Null NIL N/A n/a #N/A NA #VALUE! #REF! #NAME?
  无牌照 无牌 未上牌 未挂牌 none None NONE . * ？ ?]]

local WRAPPED = { ["'"] = true, ["="] = true, ["\xE2"] = true }

-- Text of a cell: widths, blanks and wrappers gone, one kind of line end; nil where the cell says "nothing".
-- Most cells are plain words of ASCII and pay for nothing else.
function cells.cell(s)
  if s == nil or s == "" then return nil end
  if not s:find("^%w[%w%-%./: ]*%w$") then
    s = text.clean(s)
    if WRAPPED[s:sub(1, 1)] then s = text.clean(unwrap(s)) end
    if s:find("\r", 1, true) then s = s:gsub("\r\n?", "\n") end
  end
  if s == "" or #s <= 12 and (EMPTY[s] or EMPTY[cells.simple(s)]) then return nil end
  return s
end

-- A heading as it is compared: no blanks, brackets, colons or stars, simplified, lower case.
function cells.heading(s)
  s = cells.simple(text.clean(unwrap(text.clean(s or "")))):lower()
  for _, mark in ipairs { "%s", "[%*:\"'_]", "：", "“", "”", "　" } do s = s:gsub(mark, "") end
  local bare = s:gsub("%(.-%)", ""):gsub("（.-）", ""):gsub("%[.-%]", "")
  return bare ~= "" and bare or s
end

cells.CHARACTER, cells.EMPTY = CHARACTER, EMPTY
return cells
