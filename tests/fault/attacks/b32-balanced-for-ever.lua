-- KILL balanced brackets that never close, from every beginning
local s = ("("):rep(200000)
while true do s:find("%b()x") s:match(".-%b()") end
return "ESCAPED"
