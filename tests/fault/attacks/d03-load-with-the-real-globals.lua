-- DENY load without an environment of one's own
local ok, fn = pcall(load, "return _ENV")
if ok and fn then return "ESCAPED: load gave the real globals" end
local given = {}
local inside = load("x = 1 return _ENV", "=x", "t", given)()
return inside == given and given.x == 1 and "denied" or "ESCAPED: another environment"
