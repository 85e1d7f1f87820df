-- What one may answer: turns what a page or a script sends into the value that is kept, or says why not.

local M = {}

local YESNO = { yes = true, no = true, unsure = true }
local LONGEST = 2000

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

local function option_set(item)
  local set = {}
  for _, option in ipairs(item.options) do set[option.id] = true end
  return set
end

local function rating(value)
  local n = tonumber(value)
  if not n or n ~= math.floor(n) or n < 1 or n > 10 then refuse("评分请填 1 到 10 的整数。", "A rating is a whole number from 1 to 10.") end
  return math.tointeger(n)
end

-- A list, or text "wait,price": forms send the second.
local function list(item, value)
  local set, out, seen = option_set(item), {}, {}
  if type(value) == "string" then
    local words = {}
    for word in value:gmatch "[^,]+" do words[#words + 1] = word end
    value = words
  end
  if type(value) ~= "table" then refuse("这道题请从选项中选择。", "Choose from the options of this question.") end
  for _, id in ipairs(value) do
    if not set[id] then refuse("没有这个选项，请刷新页面后再选。", "There is no such option; reload the page and choose again.") end
    if not seen[id] then out[#out + 1] = id end
    seen[id] = true
  end
  return out
end

function M.value(item, value)
  if item.kind == "rate" then return rating(value) end
  if item.kind == "multi" then return list(item, value) end
  if type(value) ~= "string" then refuse("回答应为文字。", "The answer must be text.") end
  if item.kind == "yesno" and not YESNO[value] then refuse("请选“是”“否”或“不确定”。", "Choose yes, no or unsure.") end
  if item.kind == "choice" and not option_set(item)[value] then
    refuse("没有这个选项，请刷新页面后再选。", "There is no such option; reload the page and choose again.")
  end
  if item.kind == "text" then return M.words(value) end
  return value
end

function M.words(value)
  if value == nil then return nil end
  if utf8.len(value) == nil then refuse("文字编码有误，请重新输入。", "The text is not valid UTF-8; type it again.") end
  if utf8.len(value) > LONGEST then
    refuse(("文字太长，请不要超过 %d 个字。"):format(LONGEST), ("The text is too long: %d characters at most."):format(LONGEST))
  end
  return value
end

return M
