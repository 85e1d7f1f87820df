-- BOUND running out of memory is caught, and on it goes
local keep = {}
while true do pcall(function() for i = 1, 1e7 do keep[#keep + 1] = ("x"):rep(1000) .. i end end) end
