-- KILL each instruction moves megabytes
local s = ("x"):rep(3000000)
while true do
  local u = s:upper()
  u = u:reverse()
end
