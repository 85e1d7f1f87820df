-- host.define: how engines and point files declare. A definition is a table with this metatable; host.core.collect reads it.
local core = require "host.core"

local M = {}
local Definition = { __name = "definition" }
M.Definition = Definition

local function level_of(level) return (level or 1) + 1 end

function M.here(level) return core.here(level_of(level)) end

function M.fail(at, zh, en) error({ zh = zh, en = en, at = at }, 0) end

function M.problem(at, zh, en) core.problem(at, zh, en) end

function M.new(point, id, data, level)
  local at = core.here(level_of(level))
  if type(id) ~= "string" or not id:match "^[%w][%w_./-]*$" or #id > 100 then
    M.fail(at, "标识 '" .. tostring(id) .. "' 应由字母、数字、- _ . / 组成", "the id '" .. tostring(id) .. "' should be made of letters, digits, - _ . /")
  end
  if type(data) ~= "table" then M.fail(at, id .. "：内容应是一个表", id .. ": the content should be a table") end
  return setmetatable({ point = point, id = id, version = data.version or "", at = at, data = data }, Definition)
end

-- What a handle that an engine's constructor made stands for, so that it can be put into another plugin's definition.
local plain = setmetatable({}, { __mode = "k" })

function M.stands_for(handle, data) plain[handle] = data return handle end

function M.plain(value)
  if getmetatable(value) == Definition then return value.data end
  return type(value) == "table" and plain[value] or value
end

local function is_text(v)
  return type(v) == "table" and type(v.zh) == "string" and type(v.en) == "string" and v.zh ~= "" and v.en ~= ""
end

local checks = {
  string = function(v) return type(v) == "string" end,
  number = function(v) return type(v) == "number" end,
  integer = function(v) return math.type(v) == "integer" end,
  boolean = function(v) return type(v) == "boolean" end,
  table = function(v) return type(v) == "table" end,
  list = function(v) return type(v) == "table" and (next(v) == nil or #v > 0) end,
  ["function"] = function(v) return type(v) == "function" end,
  predicate = function(v) return type(v) == "table" and type(v.op) == "string" end,
  text = is_text,
  any = function() return true end,
}

local wanted = {
  string = { "文字", "text" }, number = { "数字", "a number" }, integer = { "整数", "a whole number" }, boolean = { "true 或 false", "true or false" },
  table = { "表", "a table" }, list = { "列表", "a list" }, ["function"] = { "函数", "a function" },
  predicate = { "条件（如 item:le(6)）", "a condition (like item:le(6))" },
  text = { "{ zh = \"...\", en = \"...\" }（两种语言都要有）", "{ zh = \"...\", en = \"...\" } with both languages" }, any = { "值", "a value" },
}

-- What is wrong is told in the same order each time.
local function sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- Where a definition stands among those of its point; the host sorts.
local places = { order = "integer", before = "any", after = "any" }

function M.check(at, what, data, shape)
  local ok = true
  local function bad(zh, en)
    ok = false
    core.problem(at, what .. "：" .. zh, what .. ": " .. en)
  end
  for _, key in ipairs(sorted(data)) do
    local value = data[key]
    local type_name = type(key) == "string" and (shape[key] or places[key]) or shape[1] and type(key) == "number" and shape[1]
    if not type_name then
      local near = type(key) == "string" and require "host.predicate".nearest(key, shape)
      bad("不认识的键 '" .. tostring(key) .. "'" .. (near and "（是不是 '" .. near .. "'？）" or ""),
        "unknown key '" .. tostring(key) .. "'" .. (near and " (did you mean '" .. near .. "'?)" or ""))
    else
      local t = type_name:gsub("!$", "")
      if not checks[t](value) then
        bad("'" .. tostring(key) .. "' 应为" .. wanted[t][1], "'" .. tostring(key) .. "' should be " .. wanted[t][2])
      end
    end
  end
  for _, key in ipairs(sorted(shape)) do
    local type_name = shape[key]
    if type_name:sub(-1) == "!" and data[key] == nil then
      local t = type_name:sub(1, -2)
      bad("缺少 '" .. tostring(key) .. "'（" .. wanted[t][1] .. "）", "'" .. tostring(key) .. "' is missing (" .. wanted[t][2] .. ")")
    end
  end
  return ok
end

return M
