-- BOUND the handler of a memory error wants memory
local keep = {}
xpcall(function() while true do keep[#keep + 1] = ("x"):rep(10000) .. #keep end end, function()
  local more = {}
  for i = 1, 1e6 do more[i] = ("y"):rep(1000) .. i end
  return more
end)
return "bounded"
