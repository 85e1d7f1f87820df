-- KILL sort, gsub, pcall and coroutines inside each other, preempted at every level
local function down(n)
  if n == 0 then while true do end end
  return pcall(coroutine.wrap(function()
    local t = { 2, 1 }
    table.sort(t, function(a, b) local _ = ("x"):gsub("x", function() down(n - 1) end) return a < b end)
    coroutine.yield(t)
  end))
end
while true do down(5) end
return "ESCAPED"
