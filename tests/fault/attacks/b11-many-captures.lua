-- BOUND gmatch over a text where each step looks to the end
local n = 0
for _ in (("a"):rep(300000)):gmatch "a-b" do n = n + 1 end
return n
