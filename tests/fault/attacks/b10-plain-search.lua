-- BOUND plain search in the text that suits it least
local hay, needle = ("a"):rep(8000000), ("a"):rep(4000000) .. "b"
for _ = 1, 1e6 do hay:find(needle, 1, true) end
return "ESCAPED"
