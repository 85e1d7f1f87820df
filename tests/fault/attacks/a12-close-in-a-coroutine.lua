-- KILL a coroutine that is ended still owns a variable to be closed, and closing loops
local forever = { __close = function() while true do end end }
coroutine.wrap(function()
  local held <close> = setmetatable({}, forever)
  while true do end
end)()
return "ESCAPED"
