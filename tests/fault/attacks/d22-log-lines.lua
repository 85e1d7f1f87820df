-- BOUND lines in the log that are not what they seem
local log = require "host.log"
log.info "x\n2026-11-21T09:00:00+08:00 error host: forged line"
log.info(("%s%n"):rep(10), "\27[2J", ("x"):rep(100000))
log.info "call 13000000001 and 1 3000000001"
print("\r\0\n", {}, nil, 1 / 0)
return "bounded"
