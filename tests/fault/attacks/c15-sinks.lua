-- BOUND results that do not fit, made in a loop that catches
for _ = 1, 60 do
  local t = {}
  for i = 1, 40 do t[i] = ("x"):rep(1 << 20) end
  pcall(table.concat, t)
  pcall(string.rep, ("y"):rep(1 << 20), 8, "z")
  pcall(string.gsub, ("x"):rep(1 << 20), "x", ("y"):rep(100))
  pcall(string.upper, ("x"):rep(8 << 20) .. ("x"):rep(8 << 20))
end
return "bounded"
