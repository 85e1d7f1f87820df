-- SHA-256 (FIPS 180-4), so that a report can name the data it was made from. Rows are few; speed does not matter here.
local M = {}

local MASK = 0xffffffff

local function primes(n)
  local list, candidate = {}, 2
  while #list < n do
    local prime = true
    for _, p in ipairs(list) do
      if candidate % p == 0 then prime = false break end
    end
    if prime then list[#list + 1] = candidate end
    candidate = candidate + 1
  end
  return list
end

local K, START

-- The standard's constants: 32 bits of the fractions of roots of the first primes. A double holds 52, so it is exact.
local function fraction(x)
  return math.floor(x % 1 * 4294967296.0)
end

local function constants()
  if K then return end
  K, START = {}, {}
  for i, p in ipairs(primes(64)) do
    K[i] = fraction(p ^ (1 / 3))
    if i <= 8 then START[i] = fraction(p ^ (1 / 2)) end
  end
end

local function turn(x, n)
  return ((x >> n) | (x << (32 - n))) & MASK
end

local function schedule(bytes, at)
  local w = { (">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4"):unpack(bytes, at) }
  for i = 17, 64 do
    local a, b = w[i - 15], w[i - 2]
    local s0 = turn(a, 7) ~ turn(a, 18) ~ (a >> 3)
    local s1 = turn(b, 17) ~ turn(b, 19) ~ (b >> 10)
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & MASK
  end
  return w
end

local function absorb(h, bytes, at)
  local w = schedule(bytes, at)
  local a, b, c, d, e, f, g, k = table.unpack(h)
  for i = 1, 64 do
    local s1 = turn(e, 6) ~ turn(e, 11) ~ turn(e, 25)
    local t1 = (k + s1 + ((e & f) ~ (~e & MASK & g)) + K[i] + w[i]) & MASK
    local s0 = turn(a, 2) ~ turn(a, 13) ~ turn(a, 22)
    local t2 = (s0 + ((a & b) ~ (a & c) ~ (b & c))) & MASK
    k, g, f, e, d, c, b, a = g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK
  end
  for i, v in ipairs { a, b, c, d, e, f, g, k } do h[i] = (h[i] + v) & MASK end
end

function M.hex(text)
  constants()
  local h = { table.unpack(START) }
  local padded = text .. "\128" .. ("\0"):rep((55 - #text) % 64) .. (">I8"):pack(#text * 8)
  for at = 1, #padded, 64 do absorb(h, padded, at) end
  return (("%08x"):rep(8)):format(table.unpack(h))
end

return M
