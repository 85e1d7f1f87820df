-- What other plugins may ask of the archive. Arguments and results are plain data; errors for a reader are {zh, en}.
local card = require "archive.card"
local columns = require "archive.columns"
local erase = require "archive.erase"
local fields = require "archive.fields"
local import = require "archive.import"

local exports = {}

-- Visits and people -----------------------------------------------------------------------------------------------
exports.card = card.of
exports.visits = card.visits
exports.number = card.number
exports.person_of = card.person_of           -- (visit_id) -> whose words its words are: the person to seal for, 0 if nobody is known
exports.add_number = card.add_number
exports.phone_state = card.phone_state
exports.no_call = card.no_call
exports.may_call = card.may_call

-- Imports ---------------------------------------------------------------------------------------------------------
exports.find_header = import.header          -- (first rows, any?) -> { at, headings, fields, problems, signature, remembered } or nil
exports.import_begin = import.begin
exports.import_rows = import.rows
exports.import_end = import.finish
exports.import_stop = import.stop            -- what was filed stays, the import is shown as not finished
exports.refused_rows = import.refused_rows   -- (import_id, lang) -> rows of a CSV
exports.remember_columns = import.remember   -- (headings, fields)

-- Erasing a customer -----------------------------------------------------------------------------------------------
exports.visit_person = card.visit_person      -- (order number, "owner"|"bringer"|"contact") -> customer id or nil
exports.erasure_request = erase.request      -- (customer_id, ground) -> number of the request
exports.erasure_approve = erase.approve      -- (number)
exports.erase = erase.run                    -- (number, progress?) -> certificate
exports.erasures = erase.list
exports.certificate = erase.certificate      -- (number) -> { no, zh, en, ... }

-- headings, mapping?, samples? -> { fields, problems, signature }
function exports.guess_columns(headings, mapping, samples)
  return columns.guess(headings, mapping, samples)
end

function exports.import_fields()
  return fields.list
end

return exports
