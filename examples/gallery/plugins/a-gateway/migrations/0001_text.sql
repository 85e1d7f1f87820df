-- Who is to be thanked by a text, and whether the gateway took it. No number stands here.
CREATE TABLE a_gateway_text (
  visit_id INTEGER PRIMARY KEY,
  made_at INTEGER NOT NULL,
  sent_at INTEGER
) STRICT;
