-- Runs an act behind a form on a page. What a person did wrong comes back as a sentence, so that the page can be shown again with what was
-- typed; everything else stays an error.
local M = {}

function M.try(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return nil, result end
  if type(result) == "table" and result.zh then return { zh = result.zh, en = result.en } end
  error(result, 0)
end

return M
