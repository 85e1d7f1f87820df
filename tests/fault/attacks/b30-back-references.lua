-- KILL a capture that is compared with all that follows, at every length
local s = ("ab"):rep(20000)
while true do pcall(string.find, s, "(.-)%1%1%1c") end
return "ESCAPED"
