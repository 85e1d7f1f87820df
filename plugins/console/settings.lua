-- One plugin's settings as fields of a form; each is saved by itself, so that one bad value holds up no other.
local json = require "host.json"
local plugins = require "host.plugins"
local text = require "host.text"

local M = {}

local INPUT = { integer = "number", number = "number", text = "text", time = "time" }
local STEP = { integer = "1", number = "any" }

local function sorted(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- As it is written into the form, and read from it again.
function M.written(kind, value)
  if value == nil then return "" end
  if kind == "list" then return table.concat(value, "\n") end
  if kind == "data" then return json.encode(value) end
  if kind ~= "map" then return tostring(value) end
  local lines = {}
  for i, key in ipairs(sorted(value)) do lines[i] = key .. " = " .. value[key] end
  return table.concat(lines, "\n")
end

local function choices_of(setting, value)
  local out = json.array {}
  if setting.kind == "boolean" then
    for i, own in ipairs { "true", "false" } do
      out[i] = { value = own, title = text.pick(own == "true" and { zh = "是", en = "Yes" } or { zh = "否", en = "No" }), chosen = own == value }
    end
  end
  for i, choice in ipairs(setting.choices or {}) do
    out[i] = { value = choice.id, title = text.pick(choice), chosen = choice.id == value }
  end
  return out
end

local function field(setting, given)
  local value = given or M.written(setting.kind, setting.value)
  local fixed = setting.from == "site" or setting.kind == "data"
  return {
    key = setting.key, title = type(setting.title) == "table" and text.pick(setting.title) or setting.title or setting.key,
    hint = setting.hint and text.pick(setting.hint) or nil, value = value, input = INPUT[setting.kind], step = STEP[setting.kind],
    min = setting.min, max = setting.max, choices = choices_of(setting, value), fixed = fixed,
    select = (setting.kind == "choice" or setting.kind == "boolean") or nil,
    lines = (setting.kind == "list" or setting.kind == "map") or nil, map = setting.kind == "map" or nil,
    data = setting.kind == "data" or nil, by_form = setting.from == "form" or nil,
    by_site = setting.from == "site" or nil, default = M.written(setting.kind, setting.default),
  }
end

-- given: { key, text, error } of a field that was refused.
function M.fields(plugin, given)
  local out, form = json.array {}, plugins.form(plugin)
  table.sort(form, function(a, b)
    if (a.order or 0) ~= (b.order or 0) then return (a.order or 0) < (b.order or 0) end
    return a.key < b.key
  end)
  for i, setting in ipairs(form) do
    local mine = given and given.key == setting.key
    out[i] = field(setting, mine and given.text or nil)
    if mine then out[i].error = given.error end
  end
  return out
end

return M
