-- KILL an order that catches its own end, in a sort that is caught as well
while true do pcall(table.sort, { 4, 3, 2, 1 }, function() while true do pcall(function() while true do end end) end end) end
return "ESCAPED"
