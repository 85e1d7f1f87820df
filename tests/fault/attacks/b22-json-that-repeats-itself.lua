-- BOUND a small table that is a huge one when it is written down
local json = require "host.json"
local t = { "x" }
for _ = 1, 40 do t = { t, t } end
local ok = pcall(json.encode, t)
return ok and "ESCAPED: it was written down" or "bounded"
