-- the ends of the integers in every place that counts with them
local least, most = math.mininteger, math.maxinteger
local tries = {
  function() return least // -1, least % -1, 7 // 0 end, function() return 7 % 0 end,
  function() return ("text"):sub(least, most), ("text"):byte(least, most) end,
  function() return select(least, 1) end, function() return select(most, 1), select(-1) end,
  function() return table.concat({}, ",", most - 1, most), table.unpack({}, most - 1, most) end,
  function() for _ = most - 1, most do end for _ = least + 1, least, -1 do end end,
  function() return 1 << 64, 1 >> -64, 1 << least, 1 >> most end,
  function() return utf8.char(0x7FFFFFFF), utf8.codepoint("\u{7FFFFFFF}", 1, 1, true) end,
  function() return string.pack("i17", 1) end, function() return string.unpack("s8", ("\xff"):rep(8)) end,
  function() return table.move({}, most - 1, most, least) end, function() return table.insert({}, most, 1) end,
  function() return math.random(least, most) end, function() return ("x"):rep(most, "") end,
  function() return string.format("%q %d", least, most), tostring(-0.0), math.tointeger(2 ^ 63) end,
}
for _, try in ipairs(tries) do pcall(try) end
return "contained"
