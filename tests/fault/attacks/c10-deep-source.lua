-- BOUND sources nested too deeply, or too large
local shapes = { ("("):rep(100000) .. ("x"), "return " .. ("{"):rep(100000), ("a."):rep(60000) .. "b = 1", "return " .. ("-"):rep(100000) .. "1", "x = " .. ("function() "):rep(20000), ("do "):rep(80000), "return {" .. ("1,"):rep(120000) .. "}" }
for _, text in ipairs(shapes) do
  local fn = load(text, "=x", "t", {})
  if fn then pcall(fn) end
end
return "bounded"
