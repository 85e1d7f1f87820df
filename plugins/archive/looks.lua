-- Who had a customer's number shown on the card, or took back that he is not called, and why.
local db = require "host.db"
local vault = require "host.vault"
local who = require "host.who"

local M = {}

-- Each reason with whom it was about; the latest first, as many as a page holds.
local LATEST = [[SELECT a.id, a.at, a.actor, a.what, p.number_mask, c.name, c.erased_at, w.words_sealed
  FROM host_audit_words w JOIN host_audit a ON a.id = w.audit_id AND a.what IN ('unmask', 'no-call')
  LEFT JOIN archive_phone p ON a.what = 'unmask' AND p.id = CAST(substr(a.subject, 7) AS INTEGER)
  LEFT JOIN archive_customer c ON c.id = CASE a.what WHEN 'unmask' THEN p.customer_id ELSE CAST(substr(a.subject, 10) AS INTEGER) END
  ORDER BY w.audit_id DESC LIMIT 200]]

function M.list()
  local rows, known = db.all(LATEST), who.names()
  for _, row in ipairs(rows) do
    row.reason = vault.open("host_audit_words", "words_sealed", row.id, row.words_sealed)
    row.name = row.name and not row.erased_at and vault.mask("name", row.name) or "—"
    row.actor = known[row.actor] or row.actor
    row.number = row.number_mask or false
    row.words_sealed, row.number_mask = nil, nil
  end
  return rows
end

return M
