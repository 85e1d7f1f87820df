-- keys that fall into one place of the table that the last store makes: it walks for each through all before it
local t, step = {}, (1 << 18) - 1
for k = 1, (1 << 17) + 1 do t[k * step] = true end
return "done"
