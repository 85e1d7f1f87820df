-- BOUND a library poisoned for everybody (the probe says whether it is only for itself)
string.format = function() return "DIRTY" end
string.gsub = function() return "DIRTY" end
table.concat = function() return "DIRTY" end
table.insert = function() error "DIRTY" end
math.floor = function() return -1 end
local define = require "host.define"
define.check = function() error "DIRTY" end
define.Definition.__index = function() return "DIRTY" end
require("host.json").encode = function() return "DIRTY" end
return "bounded"
