-- BOUND a result that contains itself, is deep, has holes, functions and no numbers
local t, deep = {}, {}
t.self = t
local p = deep
for _ = 1, 100000 do
  p[1] = {}
  p = p[1]
end
return { circle = t, deep = deep, holes = { [1] = 1, [1 << 40] = 2 }, nan = 0 / 0, inf = 1 / 0, f = print, bytes = "\255\192", [true] = 1, [1.5] = 2 }
