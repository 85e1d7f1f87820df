-- BOUND a small result that is huge when it is written down
local t = { "x" }
for _ = 1, 60 do t = { t, t } end
return t
