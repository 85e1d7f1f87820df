-- For a time; prints requests a second, the 50th and 99th percentile in ms, and how many answers were no 200.
local at = 0

function request()
  at = at % 1000 + 1
  return wrk.format("GET", "/main/bench/" .. at)
end

function done(summary, latency)
  local e = summary.errors
  print(string.format("FIGURES %.1f %.3f %.3f %d %d", summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end
