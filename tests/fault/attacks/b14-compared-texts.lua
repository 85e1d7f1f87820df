-- KILL comparing long texts
local a, b = ("a\0"):rep(4000000), ("a\0"):rep(4000000)
while true do
  if a < b then a, b = b, a end
end
