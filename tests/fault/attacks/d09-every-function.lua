-- BOUND every function that can be reached, with arguments that do not suit it
local odd = { false, 0, -1, 1 << 62, math.mininteger, 0 / 0, 1 / 0, "", ("A"):rep(300), "a\0b", "../../etc", "%s%n%99d", "\255\254", {}, print, coroutine.create(print),
  setmetatable({}, { __index = function() return 1 end, __len = function() return 1 << 30 end, __tostring = function() return "x" end }) }
local skip = { [error] = true, [coroutine.yield] = true, [pcall] = true, [xpcall] = true, [print] = true, [table.sort] = true, [table.move] = true, [table.concat] = true, [string.rep] = true,
  [table.insert] = true, [table.remove] = true, [table.unpack] = true }
local done, calls = {}, 0
local function try(f)
  for i = 1, #odd do
    pcall(f, odd[i])
    pcall(f, "abc", odd[i])
    pcall(f, {}, odd[i], odd[i % #odd + 1])
    calls = calls + 3
  end
  pcall(f)
end
local function walk(t, depth)
  if done[t] or depth > 3 then return end
  done[t] = true
  local all = {}
  for _, v in next, t do all[#all + 1] = v end
  for _, v in ipairs(all) do
    if type(v) == "table" then walk(v, depth + 1)
    elseif type(v) == "function" and not skip[v] and v ~= walk and v ~= try and not done[v] then
      done[v] = true
      try(v)
    end
  end
end
for _, name in ipairs { "json", "re", "text", "clock", "calendar", "db", "define", "predicate", "who", "settings" } do
  local ok, module = pcall(require, "host." .. name)
  if ok and type(module) == "table" then walk(module, 0) end
end
walk({ string = string, table = table, math = math, utf8 = utf8, coroutine = coroutine, tostring, tonumber, select, rawget, rawset, rawlen, rawequal, next, ipairs, getmetatable, load, type }, 0)
return "bounded " .. calls
