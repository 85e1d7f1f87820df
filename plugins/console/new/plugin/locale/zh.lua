return {
  title = "便条",
  words = "内容",
  keep = "保存",
  none = "还没有便条。",
}
