-- BOUND one text as large as can be asked for
return "bounded " .. tostring(pcall(string.rep, "x", 1 << 40))
