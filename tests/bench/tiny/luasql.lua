-- The same by Debian's binding: luasql.lua FILE NUMBER. It has no parameters, so the plate goes into the text.
local con = require("luasql.sqlite3").sqlite3():connect(arg[1])
con:execute "PRAGMA cache_size=-16384"
con:setautocommit(false)
local plates = {}
for i = 1, 1000 do plates[i] = string.format("A%05d", i) end
local n, sum = tonumber(arg[2]), 0
local began = os.clock()
for i = 1, n do
  local cursor = con:execute("SELECT id, model, km FROM t WHERE plate = '" .. plates[i % 1000 + 1] .. "'")
  sum = sum + cursor:fetch({}, "a").km
  cursor:close()
end
print(string.format("%.1f %d", (os.clock() - began) * 1e9 / n, sum))
