-- host.script: an operator's script with typed parameters.
local define = require "host.define"

local shape = { title = "text!", about = "text", who = "list!", params = "list", run = "function!", text = "function", order = "integer" }
local param_shape = { title = "text!", required = "boolean", default = "any", choices = "list", hint = "text", name = "string!", type = "string!" }
local kinds = { "file", "day", "month", "string", "integer", "number", "boolean", "choice" }

local M = {}
for _, kind in ipairs(kinds) do
  M[kind] = function(name)
    return function(spec)
      local p = { name = name, type = kind }
      for key, value in pairs(spec) do p[key] = value end
      define.check(define.here(1), "param " .. tostring(name), p, param_shape)
      return p
    end
  end
end

local function unknown(_, kind)
  local near = require "host.predicate".nearest(tostring(kind), M)
  define.fail(define.here(1), "没有参数种类 script." .. tostring(kind) .. (near and "（是不是 script." .. near .. "？）" or "，可用：" .. table.concat(kinds, ", ")),
    "there is no kind of parameter script." .. tostring(kind) .. (near and " (did you mean script." .. near .. "?)" or "; known: " .. table.concat(kinds, ", ")))
end

return setmetatable(M, { __index = unknown, __call = function(_, id)
  return function(spec)
    local at = define.here(1)
    define.check(at, "script " .. tostring(id), spec, shape)
    spec.params = spec.params or {}
    return define.new("scripts", id, spec, 1)
  end
end })
