-- KILL a handler that closes when the loop that was preempted ends, and loops itself
local function guarded() return setmetatable({}, { __close = function() while true do pcall(error) end end }) end
while true do
  pcall(coroutine.wrap(function()
    local c <close> = guarded()
    local x = 0
    for i = 1, 5000000 do x = x + i end
    error("now close")
  end))
end
return "ESCAPED"
