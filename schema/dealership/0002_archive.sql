-- Who the customers are and what happened to their cars. Written by plugin archive only.
-- Sealed columns end in _sealed (BLOB), blind indexes in _index, masks in _mask; VIN, plate and name are plain and shown masked in lists.

CREATE TABLE archive_customer (              -- a person or a company: owner, bringer or contact of a visit
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL DEFAULT 'person', name TEXT NOT NULL, owner_no TEXT,
  no_call INTEGER NOT NULL DEFAULT 0, no_call_reason TEXT, no_call_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  erased_at INTEGER,                         -- nothing of the person is left: the row only keeps visits countable
  CHECK (kind IN ('person', 'company'))
) STRICT;
CREATE INDEX archive_customer_name ON archive_customer (name);

CREATE TABLE archive_phone (                 -- the numbers of a customer, newest first is tried first
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES archive_customer (id), kind TEXT NOT NULL,
  number_sealed BLOB NOT NULL, number_index TEXT, last4_index TEXT, number_mask TEXT NOT NULL,   -- indexes NULL: erased
  state TEXT NOT NULL DEFAULT 'ok', source TEXT NOT NULL, created_at INTEGER NOT NULL, state_at INTEGER,
  UNIQUE (customer_id, number_index), CHECK (kind IN ('mobile', 'phone')), CHECK (state IN ('ok', 'bad'))
) STRICT;
CREATE INDEX archive_phone_index ON archive_phone (number_index);
CREATE INDEX archive_phone_last4 ON archive_phone (last4_index);

CREATE TABLE archive_vehicle (
  id INTEGER PRIMARY KEY, vin TEXT NOT NULL UNIQUE, plate TEXT, brand TEXT, series TEXT, model TEXT,
  owner_id INTEGER REFERENCES archive_customer (id), sold_on TEXT, km INTEGER, km_on TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX archive_vehicle_plate ON archive_vehicle (plate);

CREATE TABLE archive_visit (                 -- one work order
  id INTEGER PRIMARY KEY, order_no TEXT NOT NULL UNIQUE, kind TEXT, vehicle_id INTEGER NOT NULL REFERENCES archive_vehicle (id),
  owner_id INTEGER REFERENCES archive_customer (id), bringer_id INTEGER REFERENCES archive_customer (id),
  contact_id INTEGER REFERENCES archive_customer (id),
  opened_on TEXT, settled_at INTEGER, settled_on TEXT, picked_up_on TEXT, advisor TEXT, technician TEXT, km INTEGER,
  amount_fen INTEGER, labour_fen INTEGER, parts_fen INTEGER,
  call_wanted INTEGER, no_call_reason TEXT, preferred_time TEXT, remark_sealed BLOB,
  extra TEXT NOT NULL DEFAULT '{}',          -- unknown columns, canonical JSON; never private fields
  content_hash TEXT NOT NULL,                -- of the cleaned row: a second import with the same content changes nothing
  import_id INTEGER NOT NULL, line INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX archive_visit_settled ON archive_visit (settled_on);
CREATE INDEX archive_visit_picked ON archive_visit (picked_up_on);
CREATE INDEX archive_visit_vehicle ON archive_visit (vehicle_id, settled_on);

CREATE TABLE archive_import (
  id INTEGER PRIMARY KEY, file_name TEXT NOT NULL, file_hash TEXT NOT NULL, encoding TEXT NOT NULL, delimiter TEXT NOT NULL,
  columns TEXT NOT NULL,                     -- JSON: {headings: [...], fields: [...]} by position, "" = not taken
  actor TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
  read INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, warned INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE archive_import_order (          -- orders met by a running import, so that their further lines are known; emptied when it ends
  import_id INTEGER NOT NULL REFERENCES archive_import (id), order_no TEXT NOT NULL, PRIMARY KEY (import_id, order_no)
) STRICT;

CREATE TABLE archive_import_note (           -- one refused or warned line, with its reason
  id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL REFERENCES archive_import (id), line INTEGER NOT NULL, level TEXT NOT NULL,
  field TEXT, code TEXT NOT NULL, value_mask TEXT, zh TEXT NOT NULL, en TEXT NOT NULL,
  row_sealed BLOB,                           -- the whole original row of a refused line, to give it back for correction
  CHECK (level IN ('refused', 'warned'))
) STRICT;
CREATE INDEX archive_import_note_import ON archive_import_note (import_id, line);

CREATE TABLE archive_mapping (               -- what a clerk corrected: remembered per set of headings
  signature TEXT PRIMARY KEY, columns TEXT NOT NULL,  -- JSON: [field] by position
  actor TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

CREATE TABLE archive_upload (                -- files chosen in the browser and not imported yet: removed after a day
  name TEXT PRIMARY KEY, at INTEGER NOT NULL
) STRICT;

CREATE TABLE archive_erasure (               -- a person to be erased, and the certificate; holds nothing of the person but the number of its row
  id INTEGER PRIMARY KEY, no TEXT NOT NULL UNIQUE, customer_id INTEGER NOT NULL UNIQUE REFERENCES archive_customer (id),
  ground TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at INTEGER NOT NULL, approved_by TEXT, approved_at INTEGER,
  wiped_at INTEGER, done_by TEXT, done_at INTEGER,   -- wiped: rows are empty; done: the key is destroyed, too
  counts TEXT,                               -- JSON: what was destroyed, by kind
  gone_on TEXT,                              -- the day after which no backup brings it back
  CHECK (ground IN ('request', 'withdrawn', 'retention'))
) STRICT;
