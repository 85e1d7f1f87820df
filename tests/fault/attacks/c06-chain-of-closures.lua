-- BOUND functions that hold functions
local f = function() end
while true do
  local held = f
  f = function() return held end
end
