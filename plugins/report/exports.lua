-- What the verb `forecourt report` and other plugins may call.
local who = require "host.who"
local engine = require "report.engine"
local output = require "report.output"

local M = {}

function M.list()
  return engine.list()
end

-- Figures, filled blocks, provenance and the CSV of a report.
function M.run(id, params)
  local report = engine.run(id, params)
  report.csv = output.csv(report, params and params.lang or who.lang())
  return report
end

-- For a terminal.
function M.text(id, params, lang)
  return output.text(engine.run(id, params), lang or who.lang())
end

return M
