CREATE TABLE an_erasure_tyre (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL,
  shelf TEXT NOT NULL,
  remark TEXT
) STRICT;
CREATE INDEX an_erasure_tyre_customer_id ON an_erasure_tyre (customer_id);
