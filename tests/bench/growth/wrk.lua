-- A customer drawn evenly from the NUMBER that there are, each request: wrk ... -- NUMBER
local number

function init(args)
  number = tonumber(args[1])
  math.randomseed(20261125)
end

function request()
  return wrk.format("GET", "/main/bench/" .. math.random(number))
end

function done(summary)
  local e = summary.errors
  print(string.format("FIGURES %.0f %d", summary.requests / (summary.duration / 1e6),
    e.connect + e.read + e.write + e.status + e.timeout))
end
