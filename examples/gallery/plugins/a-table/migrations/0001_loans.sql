-- Its own table: STRICT, ids made by the host, instants in milliseconds.
CREATE TABLE a_table_loan (
  id INTEGER PRIMARY KEY,
  plate TEXT NOT NULL,
  out_at INTEGER NOT NULL,
  back_at INTEGER
) STRICT;
