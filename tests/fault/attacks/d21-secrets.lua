-- DENY the key, passwords and sessions
local db = require "host.db"
for _, name in ipairs { "site_user", "site_session", "sqlite_master", "sqlite_schema" } do
  local ok, rows = pcall(db.all, "SELECT * FROM " .. name)
  if ok and name:find "^site" then return "ESCAPED: " .. name end
  if ok and #rows == 0 then return "ESCAPED" end
end
for k, v in pairs(require("host.settings").get()) do
  if tostring(v):find "key" then return "ESCAPED: " .. k end
end
return "denied"
