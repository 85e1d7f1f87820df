-- host.http: asks another server. What it may ask stands in the manifest (hosts, secrets); the core does the asking.
local web = require "host.core.http"
local json = require "host.json"
local core = require "host.core"

local METHODS = { GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true }
local KEYS = { url = true, method = true, headers = true, body = true, json = true, timeout = true }
local MOST_SECONDS, MOST_BODY = 10, 4 << 20

local function misuse(zh, en) core.misuse("http.fetch: " .. zh, "http.fetch: " .. en) end

-- Each read once: what a metatable answers the second time would go unchecked.
local function taken(o)
  if type(o) ~= "table" then misuse("参数应是一个表：http.fetch { url = \"https://...\" }", "takes a table: http.fetch { url = \"https://...\" }") end
  for key in pairs(o) do
    if not KEYS[key] then
      misuse(("不认识 '%s'（有 url、method、headers、body、json、timeout）"):format(tostring(key)),
        ("unknown key '%s' (there are url, method, headers, body, json, timeout)"):format(tostring(key)))
    end
  end
  local own = {}
  for key in pairs(KEYS) do own[key] = o[key] end
  return own
end

local function check(o)
  if type(o.url) ~= "string" then misuse("url 应是文字", "url is text") end
  if o.method ~= nil and not METHODS[o.method] then
    misuse("method 应是 GET、HEAD、POST、PUT、PATCH 或 DELETE", "method is GET, HEAD, POST, PUT, PATCH or DELETE")
  end
  if o.headers ~= nil and type(o.headers) ~= "table" then misuse("headers 应是表：名称 = 值", "headers is a table name -> value") end
  if o.body ~= nil and type(o.body) ~= "string" then misuse("body 应是文字；表请放在 json 里", "body is text; a table goes into json") end
  if o.body ~= nil and o.json ~= nil then misuse("body 和 json 只能有一个", "has either body or json") end
  local t = o.timeout
  if t ~= nil and not (type(t) == "number" and t > 0 and t <= MOST_SECONDS) then
    misuse(("timeout 是秒数，最多 %d"):format(MOST_SECONDS), ("timeout is seconds, %d at most"):format(MOST_SECONDS))
  end
end

local function has(headers, name)
  for key in pairs(headers) do
    if type(key) == "string" and key:lower() == name then return true end
  end
end

local M = { secret = web.secret }
function M.fetch(o)
  o = taken(o)
  check(o)
  local headers, body = {}, o.body
  for name, value in pairs(o.headers or {}) do headers[name] = value end
  if o.json ~= nil then
    body = json.encode(o.json)
    if not has(headers, "content-type") then headers["Content-Type"] = "application/json" end
  end
  if body and #body > MOST_BODY then misuse("body 最多 4 MiB", "a body has 4 MiB at most") end
  return web.fetch(o.method or (body and "POST" or "GET"), o.url, headers, body, math.max(1, (o.timeout or MOST_SECONDS) * 1000 // 1 | 0))
end
return M
