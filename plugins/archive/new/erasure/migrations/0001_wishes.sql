CREATE TABLE @NAME_@_wish (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL,
  words TEXT
) STRICT;
CREATE INDEX @NAME_@_wish_customer_id ON @NAME_@_wish (customer_id);
