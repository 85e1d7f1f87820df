-- KILL replacement by regular expression, for ever
local re = require "host.re"
local s = ("ab"):rep(20000)
while true do re.gsub(s, "a(.)", "$1$1") end
