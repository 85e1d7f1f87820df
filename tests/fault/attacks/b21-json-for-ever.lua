-- KILL encoding and decoding, for ever
local json = require "host.json"
local t = {}
for i = 1, 2000 do t[i] = { i, tostring(i) } end
while true do t = json.decode(json.encode(t)) end
