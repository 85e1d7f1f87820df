-- BOUND a regular expression with an exponential number of ways
local re = require "host.re"
for _ = 1, 50 do pcall(re.test, ("x"):rep(40), "^(x+x+)+[yz]") end
return "bounded"
