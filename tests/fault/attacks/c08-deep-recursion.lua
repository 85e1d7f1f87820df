-- BOUND recursion without end
local function deep(n) return 1 + deep(n + 1) end
local ok = pcall(deep, 1)
return ok and "ESCAPED" or "bounded"
