-- KILL functions that go through a text of megabytes in one step
local s = ("x"):rep(8 << 20)
while true do pcall(string.upper, s) pcall(string.reverse, s) pcall(utf8.len, s) pcall(tonumber, s) end
return "ESCAPED"
