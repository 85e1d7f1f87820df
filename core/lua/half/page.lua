-- host.page: routes, and the answers a handler may give that are not plain data.
local define = require "host.define"

local shape = { who = "any!", params = "table", template = "string", menu = "table", title = "text", frame = "boolean", order = "integer" }
local types = { string = true, text = true, integer = true, number = true, boolean = true, day = true, month = true, id = true, file = true, list = true }

local function check_params(at, path, params)
  for name, spec in pairs(params) do
    local base = type(spec) == "string" and spec:gsub("!", ""):gsub(":%d+$", "")
    if not types[base] then
      define.problem(at, path .. "：参数 '" .. tostring(name) .. "' 的类型 '" .. tostring(spec) .. "' 不认识",
        path .. ": parameter '" .. tostring(name) .. "' has the unknown type '" .. tostring(spec) .. "'")
    end
  end
  for name in path:gmatch ":([%w_]+)" do
    if not params[name] then
      define.problem(at, path .. "：路径参数 :" .. name .. " 没有在 params 里声明", path .. ": path parameter :" .. name .. " is not declared in params")
    end
  end
end

local function page(_, route)
  return function(spec)
    local at = define.here(1)
    local method, bang, path = tostring(route):match "^(%u+) (!?)(/[^%s]*)$"
    if not method then define.fail(at, "路由应写作 \"GET /path\"，而不是 '" .. tostring(route) .. "'", "a route is written \"GET /path\", not '" .. tostring(route) .. "'") end
    local handler = spec[1] or spec.run
    local data = { method = method, path = path, root = bang == "!" }
    for key, value in pairs(spec) do if key ~= 1 and key ~= "run" then data[key] = value end end
    data.params = data.params or {}
    local keys = {}
    for key, value in pairs(spec) do if key ~= 1 and key ~= "run" then keys[key] = value end end
    define.check(at, route, keys, shape)
    check_params(at, path, data.params)
    if type(handler) ~= "function" then define.problem(at, route .. "：缺少处理函数", route .. ": the handler function is missing") end
    if type(data.who) == "string" and data.who ~= "anyone" and data.who ~= "user" then
      define.problem(at, route .. "：who 应为角色列表、\"anyone\" 或 \"user\"", route .. ": who is a list of roles, \"anyone\" or \"user\"")
    end
    data.run = handler
    return define.new("pages", (bang .. method .. path):gsub("^!", "root-"):gsub(":", "_"):gsub("[^%w_./-]", "-"), data, 1)
  end
end

local M = {}
function M.redirect(path) return { fc_answer = "redirect", path = path } end
function M.file(o)
  return { fc_answer = "file", name = o.name, type = o.type or "application/octet-stream", bytes = o.bytes, path = o.path, inline = o.inline }
end
function M.status(code, data) return { fc_answer = "status", code = code, data = data or {} } end
function M.trigger(event, detail, data) return { fc_answer = "trigger", event = event, detail = detail or {}, data = data or {} } end

return setmetatable(M, { __call = page })
