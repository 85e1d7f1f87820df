-- The audit log becomes a chain: rows are written plain in their transaction; within a second one job gives each its number and
-- hash(hash of the row before, number, row), and signs the last hash of the batch. Written by the host only (core/store/audit_chain.c).

ALTER TABLE host_audit ADD COLUMN seq INTEGER;   -- 1, 2, 3 ... without gaps; NULL until it is chained
ALTER TABLE host_audit ADD COLUMN hash BLOB;
CREATE UNIQUE INDEX host_audit_seq ON host_audit (seq);
CREATE INDEX host_audit_unchained ON host_audit (id) WHERE seq IS NULL;

CREATE TABLE host_audit_seal (               -- one a batch: the signature over the chain up to seq
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash BLOB NOT NULL,
  more INTEGER NOT NULL,                     -- 1: further rows were waiting, of later ids
  key_id TEXT NOT NULL, signature BLOB NOT NULL
) STRICT;
