-- BOUND packing with sizes that do not exist
local ok = 0
for _, f in ipairs { "i16", "i17", "!16i16", "s8", "z", "c2147483647", "c99999999999", "Xi16" } do
  if pcall(string.pack, f, "x") then ok = ok + 1 end
  pcall(string.unpack, f, ("\255"):rep(64))
  pcall(string.packsize, f)
end
pcall(utf8.char, 0x7FFFFFFF)
pcall(utf8.codepoint, ("\255"):rep(100), 1, -1, true)
return "bounded " .. ok
