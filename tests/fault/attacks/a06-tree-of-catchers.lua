-- KILL each catcher starts two more
local function tree() pcall(tree) pcall(tree) end
while true do tree() end
