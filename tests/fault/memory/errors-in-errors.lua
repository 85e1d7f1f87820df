-- errors raised while errors are handled, on a stack that is nearly full
local function handler(m) return handler(m) .. "!" end
local function over() return "x" .. over() end
local function deep(n)
  if n > 150 then return over() end
  return xpcall(function() error(setmetatable({}, { __tostring = function() error { n } end })) end, function(m) deep(n + 1) end)
end
pcall(deep, 1)
for _ = 1, 2 do pcall(xpcall, over, handler) end
pcall(string.rep, "x", -1)
return "contained"
