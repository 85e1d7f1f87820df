-- A point is opens in the manifest, one constructor, and checks. Whoever needs this plugin contributes with files in greetings/.
local define = require "host.define"

local M = {}

local SHAPE = { text = "text!", from = "integer!", till = "integer!", order = "integer" }

function M.greeting(id)
  return function(t)
    local at = define.here(1)
    if define.check(at, "greeting " .. tostring(id), t, SHAPE) and (t.from < 0 or t.till > 24 or t.from >= t.till) then
      define.problem(at, "问候语 " .. id .. "：from 应早于 till，都在 0 到 24 之间", "greeting " .. id .. ": from should be before till, both from 0 to 24")
    end
    return define.new("greetings", id, t, 1)
  end
end

-- Called by the host with all definitions of a plugin, once they are frozen.
function M.check(definitions)
  for i, d in ipairs(definitions) do
    for k = 1, i - 1 do
      if d.data.from < definitions[k].data.till and definitions[k].data.from < d.data.till then
        define.problem(d.at, d.id .. " 与 " .. definitions[k].id .. " 的时间重叠", d.id .. " and " .. definitions[k].id .. " overlap")
      end
    end
  end
end

return M
