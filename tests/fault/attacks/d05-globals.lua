-- DENY leaving a global behind
local ok = pcall(function() left_behind = 1 end)
if ok then return "ESCAPED: a global was assigned" end
local chunk = load("return 1", "=x", "t", setmetatable({}, { __index = _G }))
return chunk() == 1 and pcall(function() return undefined_name end) == false and "denied" or "ESCAPED"
