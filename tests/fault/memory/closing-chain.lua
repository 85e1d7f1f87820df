-- a chain of coroutines, each of which closes the one before it when it is closed: deep in C where that is counted wrongly
local last
for _ = 1, 30000 do
  local before = last
  last = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() if before then coroutine.close(before) end end })
    coroutine.yield()
  end)
  coroutine.resume(last)
end
pcall(coroutine.close, last)
return "contained"
