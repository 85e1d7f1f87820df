-- What costs the interpreter time: calls, loops over numbers, tables, closures, texts. Returns a sum that must be the same everywhere.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end

local function sieve(n)
  local composite, count = {}, 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for k = i * i, n, i do composite[k] = true end
    end
  end
  return count
end

local function matrix(n)
  local a, sum = {}, 0
  for i = 1, n do
    local row = {}
    for k = 1, n do row[k] = (i * k) % 7 end
    a[i] = row
  end
  for i = 1, n do
    for k = 1, n do
      local v = 0
      for m = 1, n do v = v + a[i][m] * a[m][k] end
      sum = sum + v
    end
  end
  return sum
end

local function closures(n)
  local sum = 0
  local function adder(k) return function(x) return x + k end end
  for i = 1, n do sum = sum + adder(i)(i) end
  return sum
end

local sum = 0
for _ = 1, 3 do sum = sum + fib(27) + sieve(300000) + matrix(90) + closures(300000) end
return sum
