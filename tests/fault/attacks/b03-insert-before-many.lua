-- BOUND inserting at the front of a list that claims to be endless
table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, "x")
return "bounded"
