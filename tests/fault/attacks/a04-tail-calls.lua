-- KILL two functions that end by calling each other
local ping, pong
function ping() return pong() end
function pong() return ping() end
ping()
