-- What people write is kept as they wrote it; only the blanks around it go. host.text.clean would turn Chinese punctuation into Latin.
local re = require "host.re"

local M = {}

function M.trim(s)
  return (re.gsub(s or "", "^[\\s\\x{3000}\\x{a0}\\x{200b}]+|[\\s\\x{3000}\\x{a0}\\x{200b}]+$", ""))
end

return M
