-- DENY the metatables of the host's values
local json = require "host.json"
local seen = { require "host.db", json.array {}, json, require "host.who", getmetatable(require "host.page"), require("host.db").blob "x" }
for _, v in ipairs(seen) do
  local mt = getmetatable(v)
  if type(mt) == "table" and rawget(mt, "__gc") then return "ESCAPED: a finalizer can be called" end
end
local mt = getmetatable(_ENV)
if type(mt) == "table" then return "ESCAPED: the metatable of globals" end
return "denied"
