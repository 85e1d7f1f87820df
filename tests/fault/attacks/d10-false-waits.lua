-- BOUND a yield where the host might take it for a wait of its own
local ok1 = pcall(coroutine.yield)
local ok2 = pcall(coroutine.yield, "token", 0, nil)
local co = coroutine.wrap(function() return pcall(coroutine.yield, 1) end)
co()
return ok1 or ok2 and "ESCAPED" or "bounded"
