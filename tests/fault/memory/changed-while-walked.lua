-- a table that is emptied, grown and shrunk under the feet of who walks through it
local t, steps = {}, 0
for i = 1, 2000 do t[i], t["key" .. i] = i, i end
pcall(function()
  for key in pairs(t) do
    steps = steps + 1
    t[key], t["more" .. steps] = nil, true
    if steps % 100 == 0 then collectgarbage "count" end
    if steps > 300000 then break end
  end
end)
return "contained"
