-- KILL the end of the call is caught, and on it goes
while true do pcall(function() while true do end end) end
