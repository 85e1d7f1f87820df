local clock = require "host.clock"
local json = require "host.json"
local page = require "host.page"
local plugins = require "host.plugins"
local text = require "host.text"

local FROM = {
  shipped = { zh = "随系统提供", en = "Shipped" },
  pack = { zh = "规则包", en = "Pack" },
  site = { zh = "本店自有", en = "This site's own" },
}

-- Lua speaks English only: say at least what kind of thing it is.
local function sentence(problem)
  local zh, en = problem.zh or problem.en or "", problem.en or problem.zh or ""
  if zh == en and not zh:find "[\128-\255]" then zh, en = "Lua 程序错误：" .. zh, "Lua error: " .. en end
  return { zh = zh, en = en }
end

local function since(ms)
  if not ms then return "—" end
  local day, time = clock.split(ms)
  return day .. " " .. time
end

return page "GET /plugins" {
  who = { "it", "supervisor" },
  template = "plugins.html",
  title = { zh = "插件", en = "Plugins" },
  menu = { zh = "插件", en = "Plugins", icon = "plug", order = 90 },
  function()
    local rows, broken = json.array {}, json.array {}
    for _, plugin in ipairs(plugins.list()) do
      local problems = plugin.problems or {}
      local row = {
        id = plugin.id, title = plugin.title and text.pick(plugin.title) or plugin.id, version = plugin.version or "—",
        hash = (plugin.hash or ""):sub(1, 12), from = FROM[plugin.from] or plugin.from or "—", since = since(plugin.since),
        live = plugin.state == "live" and #problems == 0, problems = json.array {},
      }
      for i, problem in ipairs(problems) do
        row.problems[i] = { at = problem.at or "", sentence = sentence(problem) }
      end
      if not row.live then broken[#broken + 1] = row end
      rows[#rows + 1] = row
    end
    return { rows = rows, broken = broken, any_broken = #broken > 0, count = #rows }
  end,
}
