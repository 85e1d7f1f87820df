-- BOUND brackets that never balance, from every place
local s = ("("):rep(400000)
return s:find "%b()"
