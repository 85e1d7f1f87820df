-- KILL the end unwinds through variables whose closing loops
local forever = { __close = function() while true do end end }
local function nest(n)
  local held <close> = setmetatable({}, forever)
  if n > 0 then nest(n - 1) end
  while true do end
end
pcall(nest, 20)
return "ESCAPED"
