-- What a cell of a file shows before anything is filed, so that the clerk can see whether a column is what it is taken for: enough to recognise, no
-- more. Numbers and names are covered for everybody; cars for those to whom lists and cards cover them (domain F6, P).
local text = require "host.text"
local vault = require "host.vault"
local who = require "host.who"
local clean = require "archive.clean"
local fields = require "archive.fields"
local line = require "archive.line"

local WIDTH = 24
local PLAIN = { order = true, date = true, money = true }

-- A car's mark says what it is, whatever column it stands in.
local function car_of(s, kind)
  if kind == "vin" or kind == "plate" then return kind end
  if clean.vin(s) then return "vin" end
  local _, _, form = clean.plate(s)
  return form and form ~= "special" and "plate" or nil
end

return function(cell, field)
  local s = clean.cell(cell)
  if not s then return "" end
  local kind = fields.by_id[field] and fields.by_id[field].kind
  if kind == "phone" or kind == "name" then return line.mask_value(kind, s) end
  if PLAIN[kind] then return text.cut(s, WIDTH) end
  local car = car_of(s, kind)
  if car then return who.has("supervisor", "director", "advisor") and text.cut(s, WIDTH) or vault.mask(car, (s:gsub("·", ""))) end
  return clean.is_private(s) and line.mask_value("phone", s) or text.cut(s, WIDTH)
end
