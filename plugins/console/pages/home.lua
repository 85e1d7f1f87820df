local page = require "host.page"
local who = require "host.who"
local menu = require "console.menu"
local today = require "console.today"

-- The one thing to do now, said as a sentence with a button.
local function advice(numbers)
  local function step(path, zh, en, button_zh, button_en)
    if not menu.may_open(path) then return nil end
    return { href = path, sentence = { zh = zh, en = en }, button = { zh = button_zh, en = button_en } }
  end
  if who.has "specialist" then
    if (numbers.due or 0) + (numbers.overdue or 0) > 0 then
      return step("/calls", "回访名单已经排好，先打逾期的。", "The list is ready; begin with what is overdue.", "开始回访", "Start calling")
    end
    return step("/calls", "今天的回访都打完了，辛苦了。客户回电时可用上方搜索找到工单。",
      "Today's calls are done. When a customer rings back, search finds the order.", "查看名单", "See the list")
  elseif who.has "supervisor" and (numbers.sign or 0) > 0 then
    return step("/forms?tab=sign", "有跟踪单等您签字。", "Forms wait for your signature.", "去签字", "Sign")
  elseif who.has "supervisor" and not today.imported() then
    return step("/import", "先导入今天从经销商系统导出的工单，回访名单会自动生成。",
      "Import today's export of the dealer system; the list of calls is made from it.", "导入工单", "Import orders")
  elseif who.has("director", "advisor") and (numbers.answer or 0) > 0 then
    return step("/forms", "有跟踪单等您答复，请在时限内把结果告知客户并填写。",
      "Forms wait for your answer: tell the customer the result within the limit and write it down.", "去答复", "Answer")
  end
  return nil
end

local function greeting(hour)
  if hour < 12 then return { zh = "上午好", en = "Good morning" } end
  if hour < 18 then return { zh = "下午好", en = "Good afternoon" } end
  return { zh = "晚上好", en = "Good evening" }
end

return page "GET /" {
  who = "user",
  template = "home.html",
  title = { zh = "我的一天", en = "My day" },
  menu = { zh = "我的一天", en = "My day", icon = "home", order = 1 },
  function()
    local clock = require "host.clock"
    local _, time = clock.split(clock.now())
    local tiles, numbers = today.tiles()
    local steps = today.next_steps()
    local works_here = who.has("specialist", "supervisor", "director", "general-manager")
    return {
      greeting = greeting(tonumber(time:sub(1, 2))), tiles = tiles, any_tiles = #tiles > 0, advice = advice(numbers), steps = steps,
      any_steps = #steps > 0, steps_for_me = works_here or who.has "advisor", month = works_here and today.month() or nil,
    }
  end,
}
