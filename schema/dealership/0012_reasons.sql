-- Why somebody did something is often a sentence about a person: sealed like all that is said of him, and gone with his key. Words written
-- before stand where they stood and are still read there.
CREATE TABLE host_audit_words (              -- of an audit row, which itself is chained and stays as it is
  audit_id INTEGER PRIMARY KEY REFERENCES host_audit (id), words_sealed BLOB NOT NULL
) STRICT;
ALTER TABLE call_correction ADD COLUMN reason_sealed BLOB;      -- instead of reason, which is '—' then
ALTER TABLE complaint_form ADD COLUMN withdrawn_sealed BLOB;    -- instead of withdrawn, which is '—' then
ALTER TABLE complaint_minor ADD COLUMN withdrawn_sealed BLOB;
