-- DENY a finalizer in a metatable that the host itself gives to its values
local json, found = require "host.json", nil
local values = { json.array {}, json.decode "[1]", require("host.db").blob "x", require("host.db").each("SELECT 1"), require "host.db" }
for _, v in ipairs(values) do
  local ok, mt = pcall(getmetatable, v)
  if ok and type(mt) == "table" then
    mt.__gc = function() found = "ESCAPED: a finalizer ran" end
    mt.__index = function() found = "ESCAPED: another's metatable" end
  end
end
for _ = 1, 200 do
  json.array {}
  json.decode '[{"a":1}]'
end
local heap = {}
for i = 1, 200000 do heap[i % 100] = { i } end
return found or "denied"
