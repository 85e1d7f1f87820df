-- KILL coroutines left half way, with something to close, for the collector
local forever = { __close = function() while true do end end }
while true do
  local co = coroutine.wrap(function()
    local held <close> = setmetatable({}, forever)
    coroutine.yield()
  end)
  co()
end
