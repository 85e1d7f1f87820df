-- DENY modules that are not one's own
local names = { "host.core", "host.core.testing", "host.testing", "host.collect", "host.mask", "host.half", "../secret", "attack/../../secret", "console.pages.sign_in", "console/pages", "survey.sheets", "archive.people",
  "", ".", "host.", "host..core", "host.core\0", "\0", ("x"):rep(100000), "attacks..lib", "io", "_G", "fc.functions" }
for _, name in ipairs(names) do
  local ok, value = pcall(require, name)
  if ok and value ~= nil and not (type(value) == "table" and next(value) == nil) then return "ESCAPED: " .. name:sub(1, 40) end
end
return "denied"
