-- A fixed number of requests, walking through the rows; any answer but 200 counts as an error in wrk's summary. wrk itself only knows
-- a duration: the interrupt, which it takes as "print and end", is sent when the number is reached.
local ffi = require "ffi"
ffi.cdef "int kill(int pid, int signal); int getpid(void);"
local left, paths, at = 0, {}, 0

function init(args)
  left = tonumber(args[1])
  for i = 1, 1000 do paths[i] = wrk.format("GET", "/main/bench/" .. (i * 389 % 1000 + 1)) end
end

function request()
  left = left - 1
  if left == 0 then
    wrk.thread:stop()
    ffi.C.kill(ffi.C.getpid(), 2)
  end
  at = at % 1000 + 1
  return paths[at]
end

function done(summary)
  local e = summary.errors
  print(string.format("SERVED %d %d", summary.requests, e.connect + e.read + e.write + e.status + e.timeout))
end
