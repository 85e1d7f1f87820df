-- BOUND sorting two thousand million things that are not there
table.sort(setmetatable({}, { __len = function() return 2000000000 end, __index = function(_, i) return i end, __newindex = function() end }))
return "bounded"
