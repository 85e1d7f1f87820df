-- KILL recursion to its end, over and over, each level with something to close
local function deep(n)
  local c <close> = setmetatable({}, { __close = function() end })
  return deep(n + 1) + 1
end
while true do pcall(deep, 1) end
return "ESCAPED"
