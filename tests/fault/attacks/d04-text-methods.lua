-- DENY changing what all texts share
local mt = getmetatable ""
if type(mt) == "table" then return "ESCAPED: the metatable of texts" end
local ok = pcall(setmetatable, "", {})
return ok and "ESCAPED" or "denied"
