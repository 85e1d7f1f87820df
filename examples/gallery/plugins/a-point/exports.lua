local clock = require "host.clock"
local point = require "host.point"

-- The greeting of the hour, from whichever plugin it comes.
return {
  now = function()
    local _, time = clock.split(clock.now())
    local hour = tonumber(time:sub(1, 2))
    for _, d in ipairs(point "greetings") do
      if hour >= d.data.from and hour < d.data.till then return d.data.text end
    end
  end,
}
