local clock = require "host.clock"
local definition = require "host.definition"
local json = require "host.json"
local page = require "host.page"
local plugins = require "host.plugins"
local point = require "host.point"
local text = require "host.text"
local who = require "host.who"

local FROM = {
  shipped = { zh = "随系统提供", en = "Shipped" },
  pack = { zh = "规则包", en = "Pack" },
  site = { zh = "本店自有", en = "This site's own" },
}

-- A state's name and its colour.
local STATE = {
  live = { zh = "在用", en = "in force", tone = "bg-green-lt" },
  trial = { zh = "试用中", en = "on trial", tone = "bg-azure-lt" },
  staged = { zh = "新版等待测试", en = "a new version waits for its tests", tone = "bg-yellow-lt" },
  held = { zh = "已退回旧版", en = "taken back", tone = "bg-orange-lt" },
  broken = { zh = "有错误", en = "errors", tone = "bg-red-lt" },
  off = { zh = "停用", en = "off", tone = "bg-secondary-lt" },
}
local WHY = {
  start = { zh = "启动", en = "start" }, save = { zh = "保存文件", en = "a file was saved" }, reload = { zh = "重新载入", en = "reload" },
  pack = { zh = "安装规则包", en = "a pack was installed" },
  rollback = { zh = "退回", en = "taken back" }, trial = { zh = "试用失败，自动退回", en = "the trial failed, back by itself" },
  enable = { zh = "启用", en = "switched on" }, replaced = { zh = "被新版替换", en = "replaced" },
  gone = { zh = "文件夹已删除", en = "its folder is gone" }, removed = { zh = "规则包已移除", en = "the pack was removed" }, disable = { zh = "停用", en = "switched off" },
}
local TRIAL = {
  running = { zh = "试用中", en = "on trial" }, passed = { zh = "试用通过", en = "passed its trial" }, worse = { zh = "试用失败", en = "failed its trial" },
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

-- An update that asks for more than what is in force.
local function waiting(waits)
  if not waits then return nil end
  local asks = json.array {}
  for _, ask in ipairs(waits.asks) do asks[#asks + 1] = { said = text.pick(ask) } end
  return { version = waits.version, asks = asks }
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

local function titles()
  local out = {}
  for _, plugin in ipairs(plugins.list()) do out[plugin.id] = plugin.title and text.pick(plugin.title) end
  return out
end

-- What the store knows, and what runs here without it (in safe mode, in tests).
local function all()
  local out, known = plugins.states(), {}
  for _, plugin in ipairs(out) do known[plugin.plugin] = plugin end
  for _, plugin in ipairs(plugins.list()) do
    local row = known[plugin.id]
    if not row then
      row = { plugin = plugin.id, version = plugin.version, hash = plugin.hash, origin = plugin.from, since = plugin.since,
        state = plugin.state, problems = plugin.problems, unknown = true }
      out[#out + 1] = row
    end
    row.waits = plugin.waits
    row.settings = plugin.version ~= "" and #plugins.form(plugin.id) > 0
  end
  table.sort(out, function(a, b) return a.plugin < b.plugin end)
  return out
end

local function row_of(plugin, title)
  local state = STATE[plugin.state] or STATE.broken
  local row = {
    id = plugin.plugin, title = title or plugin.plugin, version = plugin.version ~= "" and plugin.version or "—", hash = (plugin.hash or ""):sub(1, 12),
    from = FROM[plugin.origin] or plugin.origin or "—", since = since(plugin.since), state = plugin.state, live = plugin.state == "live",
    state_name = state, tone = state.tone, waits = waiting(plugin.waits) or false,
    problems = json.array {}, any_problems = #(plugin.problems or {}) > 0, settings = plugin.settings or nil, has_history = plugin.version ~= "" and not plugin.unknown,
    staged = plugin.staged and { version = plugin.staged.version, hash = plugin.staged.hash:sub(1, 12), since = since(plugin.staged.since) } or false,
  }
  for i, problem in ipairs(plugin.problems or {}) do
    row.problems[i] = { at = problem.at or "", sentence = sentence(problem) }
  end
  return row
end

local function state_of(id)
  for _, plugin in ipairs(all()) do
    if plugin.plugin == id then return plugin end
  end
  error({ zh = "没有这个插件。", en = "There is no such plugin." }, 0)
end

-- Who is no person has a name in each language.
local NOBODY = { watcher = { zh = "文件夹监视", en = "the folder watcher" }, host = { zh = "系统", en = "the host" } }
local function who_of(actor) return NOBODY[actor] or actor or "" end

-- What came as a pack was brought by a person; the watcher only saw it.
local function why_of(entry)
  local installed = entry.why == "save" and entry.origin == "pack" and entry.actor ~= "watcher"
  return WHY[installed and "pack" or entry.why] or entry.why
end

local function version_of(entry, i, list)
  local before = list[i + 1]
  return {
    version = entry.version, hash = entry.hash:sub(1, 12), began = since(entry.began_at), actor = who_of(entry.actor), why = why_of(entry),
    ended = entry.ended_at and since(entry.ended_at) or false, ended_by = who_of(entry.ended_by), ended_why = WHY[entry.ended_why] or "",
    calls = tostring(entry.calls), failures = tostring(entry.failures), trial = TRIAL[entry.trial] or false, now = entry.ended_at == nil,
    older = before ~= nil and before.hash ~= entry.hash and before.kept == 1 and entry.kept == 1 and before.hash:sub(1, 12),
  }
end

-- The folder holds what was taken back: why it is not in force though it is saved.
local function held_of(plugin)
  local held = plugin.held
  if not held or plugin.state ~= "held" then return false end
  return { hash = held.hash:sub(1, 12), who = who_of(held.actor), at = since(held.at), why = held.why == "trial" and sentence(held) or "" }
end

local NAME = "string:60!"

return {
  page "GET /plugins" {
    who = { "it", "supervisor" },
    template = "plugins.html",
    title = { zh = "插件", en = "Plugins" },
    menu = { zh = "插件", en = "Plugins", icon = "plug", order = 90 },
    function()
      local rows, broken, staged, names = json.array {}, json.array {}, json.array {}, titles()
      for _, plugin in ipairs(all()) do
        local row = row_of(plugin, names[plugin.plugin])
        if row.any_problems then broken[#broken + 1] = row end
        if row.staged then staged[#staged + 1] = row end
        rows[#rows + 1] = row
      end
      local changes = amended()
      return {
        changes = changes, any_changes = #changes > 0 or nil, rows = rows, broken = broken, staged = staged, any_broken = #broken > 0, count = #rows,
      }
    end,
  },
  page "GET /plugins/:id" {
    who = { "it", "supervisor" },
    params = { id = NAME },
    template = "plugin.html",
    title = { zh = "插件", en = "Plugin" },
    function(req)
      local plugin = state_of(req.params.id)
      local list, versions = plugins.history(req.params.id), json.array {}
      local row, may = row_of(plugin, titles()[plugin.plugin]), who.has "it"
      local others = false
      for i, entry in ipairs(list) do
        versions[i] = version_of(entry, i, list)
        versions[i].take = may and plugin.state ~= "off" and entry.hash ~= plugin.hash and entry.kept == 1
        others = others or versions[i].take
      end
      return {
        row = row, versions = versions, held = held_of(plugin), may_disable = may and plugin.state ~= "off" and plugin.plugin ~= "console",
        may_enable = may and plugin.state == "off",
        may_let_in = may and plugin.held ~= nil and (plugin.state == "held" or plugin.state == "broken"), may_roll_back = others,
      }
    end,
  },
  page "GET /plugins/:id/changes" {
    who = { "it", "supervisor" },
    params = { id = NAME, to = "string:64", from = "string:64" },
    template = "plugin_changes.html",
    title = { zh = "更改", en = "Changes" },
    function(req)
      local p = req.params
      local found = plugins.changes(p.id, p.to ~= "" and p.to or nil, p.from ~= "" and p.from or nil)
      for _, file in ipairs(found.files) do
        for _, hunk in ipairs(file.hunks) do
          for _, line in ipairs(hunk.lines) do
            line.sign = line.kind == "in" and "+" or line.kind == "out" and "-" or " "
            line.old, line.new = tostring(line.old or ""), tostring(line.new or "")
          end
        end
      end
      return {
        id = p.id, files = json.array(found.files), cut = found.cut, same = #found.files == 0,
        from = { version = found.from.version, hash = found.from.hash:sub(1, 12) }, to = { version = found.to.version, hash = found.to.hash:sub(1, 12) },
      }
    end,
  },
  page "POST /plugins/act" {
    who = { "it" },
    params = { what = "string:20!", plugin = NAME, to = "string:64", from = "string:64" },
    function(req)
      local p = req.params
      plugins.act(p.what, p.plugin, p.to ~= "" and p.to or nil, p.from ~= "" and p.from or nil)
      return page.redirect("/plugins/" .. p.plugin)
    end,
  },
}
