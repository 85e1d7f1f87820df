-- DENY where things lie in memory, in what the sentences say
local function said(fn)
  local _, e = pcall(fn)
  return type(e) == "table" and tostring(e.en) .. tostring(e.zh) or tostring(e)
end
local all = said(function() return _ENV[{}] end) .. said(function() _ENV[print] = 1 end) .. said(function() require({}) end) .. said(function() require("host.define").fail({}, {}, {}) end)
  .. said(function() require("host.define").check("x", "y", { [{}] = 1 }, {}) end) .. said(function() require("host.db").one("SELECT ?", {}) end)
return all:find "0x%x%x%x%x" and "ESCAPED: " .. all:match ".?.?.?.?.?.?.?.?.?.?.?0x%x+" or "denied"
