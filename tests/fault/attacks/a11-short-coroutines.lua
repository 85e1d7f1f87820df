-- KILL thousands of coroutines, none of them long enough to be noticed
local function brief(depth)
  if depth == 0 then return end
  coroutine.wrap(brief)(depth - 1)
  coroutine.wrap(brief)(depth - 1)
end
while true do brief(8) end
