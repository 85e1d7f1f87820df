-- DENY files that are not the site's
local file = require "host.file"
for _, name in ipairs { "../nanjing.db", "/etc/passwd", "..", ".", "", ".hidden", "a/b", "a\\b", "x\0y", "../../secrets/master.key", ("x"):rep(300), "a\nb" } do
  local ok, text = pcall(file.read, name)
  if ok and text then return "ESCAPED: " .. name end
  if pcall(file.write, name, "x") then return "ESCAPED: wrote " .. name end
end
return "denied"
