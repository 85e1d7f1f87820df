-- Topics are kept as ids; people read the titles of the sections of the very questionnaire that was asked.
local db = require "host.db"
local definition = require "host.definition"
local json = require "host.json"
local text = require "host.text"

local M = {}

local function titles(sheet_id, known)
  local sheet = sheet_id and db.one("SELECT definition_hash FROM survey_sheet WHERE id = ?", sheet_id)
  if not sheet then return {} end
  if known and known[sheet.definition_hash] then return known[sheet.definition_hash] end
  local by, d = {}, definition(sheet.definition_hash)
  for _, section in ipairs(d and d.data.sections or {}) do by[section.id] = section.title end
  if known then known[sheet.definition_hash] = by end
  return by
end

-- Array of words in the reader's language. `known` is a table that a list passes for all its lines.
function M.words(topics, sheet_id, known)
  local list, out = json.decode(topics), json.array {}
  local by = #list > 0 and titles(sheet_id, known) or {}
  for i, id in ipairs(list) do out[i] = by[id] and text.pick(by[id]) or id end
  return out
end

return M
