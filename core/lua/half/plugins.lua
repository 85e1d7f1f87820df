-- host.plugins: what is in force, and the form of its settings. Whoever names it in `uses` may set every plugin's settings.
local audit = require "host.audit"
local clock = require "host.clock"
local core = require "host.core"
local db = require "host.core.db"
local inner = require "host.core.plugins"
local who = require "host.who"

local M = {}

function M.list() return inner.list() end

function M.states() return inner.states() end

function M.history(plugin) return inner.history(plugin) end

function M.changes(plugin, to, from) return inner.changes(plugin, to, from) end

function M.act(what, plugin, to, from) return inner.act(what, plugin, to, from) end

function M.form(plugin) return inner.form(plugin) end

-- said: what somebody wrote into the form; nil takes back what the form set.
function M.set(plugin, key, said)
  core.only_running "host.plugins"
  local value = inner.read_setting(plugin, key, said)
  db.tx(function()
    local was = db.one("SELECT value FROM host_setting WHERE plugin = ? AND key = ?", plugin, key)
    if value == (was and was.value) then return end -- nothing changes, and the audit log says nothing
    if value == nil then
      db.run("DELETE FROM host_setting WHERE plugin = ? AND key = ?", plugin, key)
    else
      db.run([[INSERT INTO host_setting (plugin, key, value, set_by, set_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at]],
        plugin, key, value, who.actor().login, clock.now())
    end
    audit.write("setting.set", plugin .. "/" .. key, (was and was.value or "") .. " -> " .. (value or ""))
  end)
end

return M
