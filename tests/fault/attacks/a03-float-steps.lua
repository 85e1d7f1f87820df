-- KILL a numeric for that never arrives
for _ = 0.0, 1 / 0 do end
return "ESCAPED"
