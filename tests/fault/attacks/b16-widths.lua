-- BOUND formats as wide as can be asked for
local parts = {}
for _, f in ipairs { "%99s", "%.99f", "%99999d", "%*d", "%.3s", "%q" } do parts[#parts + 1] = tostring(pcall(string.format, f, 1 / 3)) end
return "bounded " .. table.concat(parts, " ")
