-- BOUND recursion through functions of the host
local function deep() return (("x"):gsub("x", deep)) end
pcall(deep)
local function sorted() table.sort({ 1, 2 }, sorted) end
pcall(sorted)
local function caught() return select(2, pcall(caught)) end
caught()
local function wrapped() return coroutine.wrap(wrapped)() end
pcall(wrapped)
local mt = {}
mt.__index = function(_, k) return setmetatable({}, mt)[k] end
pcall(function() return setmetatable({}, mt).x end)
return "bounded"
