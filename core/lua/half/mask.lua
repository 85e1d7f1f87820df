-- Masks of domain F6. Works on characters, not bytes.
local core = require "host.core"

local function chars(s)
  local out = {}
  for _, code in utf8.codes(s, true) do out[#out + 1] = utf8.char(code) end
  return out
end

local function keep(list, first, last)
  local n = #list
  if n <= first + last then return ("*"):rep(n) end
  return table.concat(list, "", 1, first) .. ("*"):rep(n - first - last) .. table.concat(list, "", n - last + 1, n)
end

local kinds = {
  mobile = function(c) return #c == 11 and keep(c, 3, 4) or keep(c, 1, 2) end,
  phone = function(c) return keep(c, #c > 8 and 4 or 1, 2) end,
  name = function(c) return #c > 4 and keep(c, 2, 2) or (c[1] or "") .. ("*"):rep(math.max(#c - 1, 0)) end,
  plate = function(c) return keep(c, 2, 2) end,
  vin = function(c) return keep(c, 0, 6) end,
  id = function(c) return keep(c, 6, 4) end,
  mail = function(c)
    local at = 0
    for i, ch in ipairs(c) do if ch == "@" then at = i end end
    return at > 1 and c[1] .. "***" .. table.concat(c, "", at) or ("*"):rep(#c)
  end,
}

return function(kind, text)
  if text == nil then return nil end
  local fn = kinds[kind]
  if not fn then core.misuse(("vault.mask: 不认识的种类 '%s'"):format(tostring(kind)), ("vault.mask: unknown kind '%s'"):format(tostring(kind))) end
  if not utf8.len(text) then return "***" end
  return fn(chars(text))
end
