local page = require "host.page"
local plugins = require "host.plugins"
local text = require "host.text"
local settings = require "console.settings"

local WHO = { "it", "supervisor" }

local function need(id)
  for _, plugin in ipairs(plugins.list()) do
    if plugin.id == id then return plugin end
  end
  error({ zh = "没有这个插件，可能刚被撤下。", en = "There is no such plugin; it may just have been taken away." }, 0)
end

local function show(id, saved, given)
  local plugin = need(id)
  local fields = settings.fields(id, given)
  return { id = id, title = plugin.title and text.pick(plugin.title) or id, fields = fields, any = #fields > 0, saved = saved,
           error = given and given.error or nil }
end

return {
  page "GET /settings/:plugin" {
    who = WHO,
    params = { plugin = "string:60!", saved = "string:80" },
    template = "settings.html",
    title = { zh = "设置", en = "Settings" },
    function(req)
      return show(req.params.plugin, req.params.saved)
    end,
  },
  page "POST /settings/:plugin" {
    who = WHO,
    params = { plugin = "string:60!", key = "string:80!", value = "string:4000", reset = "boolean" },
    template = "settings.html",
    title = { zh = "设置", en = "Settings" },
    function(req)
      local p = req.params
      need(p.plugin)
      local said = not p.reset and (p.value or "") or nil
      local ok, why = pcall(plugins.set, p.plugin, p.key, said)
      if ok then return page.redirect("/settings/" .. p.plugin .. "?saved=" .. p.key) end
      if type(why) ~= "table" then error(why, 0) end
      return page.status(422, show(p.plugin, nil, { key = p.key, text = p.value or "", error = why }))
    end,
  },
}
