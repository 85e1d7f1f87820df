-- BOUND a replacement that doubles the text until there is no more
local s = "x"
local ok, e = pcall(function() while true do s = s:gsub("x", "xx") end end)
return not ok and "bounded" or "ESCAPED " .. tostring(e)
