-- KILL joining and cutting long lists of texts
local t = {}
for i = 1, 100000 do t[i] = "text " .. i end
while true do
  local all = table.concat(t, ",")
  for _ in all:gmatch "[^,]+" do end
end
