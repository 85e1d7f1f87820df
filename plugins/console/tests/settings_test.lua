local db = require "host.db"
local plugins = require "host.plugins"

local function written()
  return db.one("SELECT count(*) AS n FROM host_audit WHERE what = 'setting.set'").n
end

local function any_field()
  for _, plugin in ipairs(plugins.list()) do
    for _, field in ipairs(plugins.form(plugin.id)) do
      if field.kind == "integer" and field.from == "default" then return plugin.id, field end
    end
  end
end

describe("a setting", function()
  it("that nobody declares is neither set nor taken back", function()
    for _, plugin in ipairs { "console", "nowhere" } do
      for _, said in ipairs { "1", false } do
        local ok, why = pcall(plugins.set, plugin, "no_such_setting", said or nil)
        assert.equal(false, ok)
        assert.is_true(why.zh ~= nil and why.en:find("no setting no_such_setting", 1, true) ~= nil)
      end
    end
    assert.equal(0, written())
  end)

  it("is written down once for each change", function()
    local plugin, field = any_field()
    plugins.set(plugin, field.key, nil)
    assert.equal(0, written())
    plugins.set(plugin, field.key, tostring(field.default))
    plugins.set(plugin, field.key, tostring(field.default))
    assert.equal(1, written())
    plugins.set(plugin, field.key, nil)
    plugins.set(plugin, field.key, nil)
    assert.equal(2, written())
  end)
end)
