-- KILLS a weak metatable whose __newindex is collected by the emergency collection in the middle of the store through it
local fill, n = {}, 0
pcall(function()
  while true do
    n = n + 1
    fill[n] = string.rep("m", 4000) .. n
  end
end)
local weak = { __mode = "v" }
for _ = 1, 400 do
  fill[n], n = nil, n - 1
  pcall(function()
    local store = setmetatable({}, setmetatable({ __newindex = {} }, weak))
    for i = 1, 400 do store[i] = i end
  end)
end
return "contained"
