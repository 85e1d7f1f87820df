-- BOUND regular expressions, each another
local re = require "host.re"
local i = 0
while true do
  i = i + 1
  pcall(re.test, "x", "(?:a{0,200}b{0,200}){0,20}" .. i)
end
