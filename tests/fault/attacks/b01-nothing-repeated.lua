-- BOUND nothing, repeated very often
local n = #(""):rep(math.maxinteger) + #("").rep("", 1 << 62, "")
return "bounded " .. n
