-- BOUND removing from the front of a list that claims to be endless
table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1)
return "bounded"
