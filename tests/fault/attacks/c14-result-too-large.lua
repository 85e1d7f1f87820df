-- BOUND a result as large as it can be
local t = {}
for i = 1, 300000 do t[i] = ("x"):rep(10) .. i end
return t
