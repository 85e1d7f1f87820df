-- DENY a finalizer: no hook can stop it
local ok = pcall(setmetatable, {}, { __gc = function() while true do end end })
return ok and "ESCAPED: a finalizer was set" or "denied"
