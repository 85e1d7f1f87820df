-- KILL a set of 60,000 characters that is looked through for each one
local s, set = ("z"):rep(100000), "[" .. ("a"):rep(60000) .. "]"
while true do s:find(set) s:gsub(set .. "*", "") s:match("[^" .. ("b"):rep(60000) .. "]-c") end
return "ESCAPED"
