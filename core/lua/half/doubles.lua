-- spy and stub of tests. Each `it` has a state of its own, so what was replaced needs no putting back.
local doubles = {}

local Spy = {}
Spy.__index = Spy
function Spy:__call(...)
  self.calls[#self.calls + 1] = table.pack(...)
  if self.fn then return self.fn(...) end
end
function Spy:clear()
  self.calls = {}
  return self
end

local function new(fn) return setmetatable({ calls = {}, fn = fn }, Spy) end

doubles.spy = { new = new, on = function(t, key)
  t[key] = new(t[key])
  return t[key]
end }

-- stub(module, "name") does nothing; .returns(...) answers always the same; .invokes(fn) another function; .by_default as luassert has it.
function doubles.stub(t, key, ...)
  local s = new(nil)
  local fixed = table.pack(...)
  if fixed.n > 0 then s.fn = function() return table.unpack(fixed, 1, fixed.n) end end
  function s.returns(...)
    local values = table.pack(...)
    s.fn = function() return table.unpack(values, 1, values.n) end
    return s
  end
  function s.invokes(fn)
    s.fn = fn
    return s
  end
  s.by_default = s
  t[key] = s
  return s
end

function doubles.is(v) return getmetatable(v) == Spy end

return doubles
