-- host.frame: what surrounds every page.
local define = require "host.define"

return function(spec)
  local at = define.here(1)
  local handler = spec[1]
  if type(handler) ~= "function" then define.fail(at, "缺少函数", "the function is missing") end
  return define.new("frames", "frame", { template = spec.template, run = handler }, 1)
end
