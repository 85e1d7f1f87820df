local clock = require "host.clock"
local definition = require "host.definition"
local json = require "host.json"
local page = require "host.page"
local plugins = require "host.plugins"
local point = require "host.point"
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

local function shown(value)
  if value == nil then return "—" end
  local said = type(value) == "string" and value or json.encode(value)
  return text.cut(said, 200)
end

-- Who changed what in whose definition.
local function amended()
  local out, seen = json.array {}, {}
  for _, amendment in ipairs(point "amend") do
    local name, id = amendment.id:match "^([^/]+)/(.+)$"
    local target = not seen[amendment.id] and definition(name, id)
    seen[amendment.id] = true
    for _, change in ipairs(target and target.amended or {}) do
      out[#out + 1] = { target = amendment.id, owner = target.plugin, plugin = change.plugin, version = change.version, at = change.at,
                        path = change.path, from = shown(change.from), to = shown(change.to) }
    end
  end
  return out
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
        settings = plugin.state == "live" and #plugins.form(plugin.id) > 0 or nil,
        live = plugin.state == "live" and #problems == 0, problems = json.array {},
      }
      for i, problem in ipairs(problems) do
        row.problems[i] = { at = problem.at or "", sentence = sentence(problem) }
      end
      if not row.live then broken[#broken + 1] = row end
      rows[#rows + 1] = row
    end
    local changes = amended()
    return { changes = changes, any_changes = #changes > 0 or nil, rows = rows, broken = broken, any_broken = #broken > 0, count = #rows }
  end,
}
