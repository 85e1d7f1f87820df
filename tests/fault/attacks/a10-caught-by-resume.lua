-- KILL resume reports the end as a failure, and on it goes
while true do
  local co = coroutine.create(function() while true do end end)
  coroutine.resume(co)
end
