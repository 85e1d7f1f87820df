-- The example's past: one step of somebody's day, at the clock of that day. scripts/dev/run plays some weeks of such steps once
-- (examples/nanjing/make-days.lua writes them), so that a newcomer finds a store at work. A store of its own has no use for it.
local script = require "host.script"

local ACTS = { "call", "answer", "second", "reply", "sign" }
local TALES = { "any", "calm", "well", "minor", "serious", "promise", "unreached", "bad" }

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

local function play(params)
  if require("host.who").actor().kind ~= "cli" then
    refuse("这个脚本只用来制作示例站点的历史，不能在工作台运行。", "This script only makes the example's history; it is not started in the console.")
  end
  if params.act == "call" then return { done = require("play.calls").one(params) or "nobody" } end
  return { done = require("play.others")[params.act](params) }
end

return script "play-day" {
  title = { zh = "示例专用：演一步过去的工作", en = "Example only: play a step of a past day" },
  about = { zh = "scripts/dev/run 第一次运行时用它制作示例站点几周的回访记录；正式门店用不到。",
            en = "scripts/dev/run makes some weeks of the example's calls with it, once; a real store has no use for it." },
  who = { "it" },
  params = {
    script.choice "act" { title = { zh = "做什么", en = "What" }, choices = ACTS, required = true },
    script.choice "tale" { title = { zh = "这次通话的结果", en = "How this call ends" }, choices = TALES, default = "any" },
    script.string "story" { title = { zh = "不满意的事情", en = "Which story" }, default = "" },
    script.string "advisor" { title = { zh = "优先这位顾问的客户", en = "Rather this advisor's customer" } },
    script.string "time" { title = { zh = "约到几点", en = "Promised for the time" }, default = "" },
    script.integer "days" { title = { zh = "约到几天以后", en = "Promised in how many days" }, default = 1 },
    script.choice "result" { title = { zh = "二次回访的结果", en = "Result of second calls" }, choices = { "any", "satisfied", "unsatisfied" }, default = "any" },
    script.integer "leave" { title = { zh = "留下几个不打", en = "Leave so many uncalled" }, default = 0 },
  },
  run = play,
}
