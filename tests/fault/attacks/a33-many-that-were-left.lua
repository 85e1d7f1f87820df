-- KILL thousands of coroutines that were left in the middle of a sort
local kept = {}
while true do
  local co = coroutine.wrap(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield() return a < b end) end)
  co()
  kept[#kept % 1000 + 1] = co
end
return "ESCAPED"
