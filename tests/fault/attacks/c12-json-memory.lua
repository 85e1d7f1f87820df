-- BOUND memory outside Lua: deep and wide JSON
local json = require "host.json"
for _, text in ipairs { ("["):rep(100000), ('{"a":'):rep(100000), "[" .. ("[],"):rep(1000000) .. "1]", '"' .. ("\\u0041"):rep(1000000) .. '"' } do pcall(json.decode, text) end
return "bounded"
