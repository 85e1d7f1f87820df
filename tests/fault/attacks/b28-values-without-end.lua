-- BOUND a million values at once, in each way there is
local t = setmetatable({}, { __index = function() return 1 end, __len = function() return math.maxinteger end })
local s, n = ("x"):rep(2 << 20), 0
for _, f in ipairs {
  function() return table.unpack(t) end, function() return table.unpack(t, 1, 1e6) end, function() return s:byte(1, -1) end,
  function() return utf8.codepoint(s, 1, -1) end, function() return string.char(table.unpack({}, 1, 2e5)) end,
  function() return ("%d"):rep(1e5):format(table.unpack(t, 1, 1e5)) end, function() return ("%99.99f"):rep(400):format(table.unpack(t, 1, 400)) end,
} do
  for _ = 1, 3 do if pcall(f) then n = n + 1 end end
end
return "bounded"
