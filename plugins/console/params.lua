-- A script's typed parameters as fields of a form, and the form's answers as parameters again.
-- A page declares its parameters before anyone knows the scripts, so the form numbers its fields: p1, p2 ... and f1, f2 ... for files.
local clock = require "host.clock"
local json = require "host.json"
local text = require "host.text"

local M = { most = 12, most_files = 3 }

-- What the pages that take such a form declare.
function M.declared()
  local out = { id = "string:80!" }
  for i = 1, M.most do out["p" .. i] = "string:1024" end
  for i = 1, M.most_files do out["f" .. i] = "file" end
  return out
end

local function choices_of(param, value)
  local out = json.array {}
  for i, choice in ipairs(param.choices or {}) do
    local plain = type(choice) ~= "table"
    local own = tostring(plain and choice or choice.value or choice.id or choice[1])
    local title = plain and own or text.pick(choice.title or choice)
    out[i] = { value = own, title = title, chosen = own == tostring(value) }
  end
  return out
end

local function default_of(param)
  if param.default ~= nil then return param.default end
  if param.type == "day" and param.required then return clock.today() end
  if param.type == "month" and param.required then return clock.today():sub(1, 7) end
  return nil
end

local INPUT = { day = "date", month = "month", string = "text", integer = "number", number = "number" }

-- Fields for the template; given: what was typed before, by field name.
function M.fields(params, given)
  local out, files = json.array {}, 0
  for i, param in ipairs(params or {}) do
    local name = "p" .. i
    if param.type == "file" then
      files = files + 1
      name = "f" .. files
    end
    local value = given and given[name]
    if value == nil and not given then value = default_of(param) end
    out[i] = {
      name = name, title = text.pick(param.title), hint = param.hint and text.pick(param.hint) or nil, required = param.required or false,
      is_file = param.type == "file", is_boolean = param.type == "boolean", is_choice = param.type == "choice",
      input = INPUT[param.type], step = param.type == "number" and "any" or param.type == "integer" and "1" or nil,
      value = value ~= nil and tostring(value) or "", checked = value == true or value == "true",
      choices = choices_of(param, value),
    }
  end
  return out
end

local function refuse(param, zh, en)
  local name = param.title
  error({ zh = "“" .. text.pick(name, "zh") .. "”" .. zh, en = text.pick(name, "en") .. ": " .. en }, 0)
end

local READ = {
  string = function(v) return v end,
  file = function(v) return v end,
  day = function(v, p)
    if not clock.is_day(v) then refuse(p, "应是日期，例如 2026-11-21。", "a day such as 2026-11-21 is needed.") end
    return v
  end,
  month = function(v, p)
    if not v:match "^%d%d%d%d%-%d%d$" or not clock.is_day(v .. "-01") then
      refuse(p, "应是月份，例如 2026-11。", "a month such as 2026-11 is needed.")
    end
    return v
  end,
  integer = function(v, p)
    return math.tointeger(tonumber(v)) or refuse(p, "应是整数。", "a whole number is needed.")
  end,
  number = function(v, p)
    return tonumber(v) or refuse(p, "应是数字。", "a number is needed.")
  end,
  choice = function(v, p)
    for _, choice in ipairs(choices_of(p)) do
      if choice.value == v then return v end
    end
    refuse(p, "请从列表中选一项。", "choose one from the list.")
  end,
}

-- Typed parameters out of a form; raises a sentence that names the field.
function M.read(params, given, uploads)
  local out, files = {}, 0
  for i, param in ipairs(params or {}) do
    local value
    if param.type == "file" then
      files = files + 1
      local upload = uploads and uploads["f" .. files]
      value = upload and (upload.size or 1) > 0 and upload.path or nil
    else
      value = given["p" .. i]
    end
    if param.type == "boolean" then
      out[param.name] = value == "true" or value == true
    elseif value ~= nil and value ~= "" then
      out[param.name] = READ[param.type](value, param)
    elseif param.required then
      refuse(param, "不能为空，请填写后再运行。", "this is required; fill it in and start again.")
    end
  end
  return out
end

return M
