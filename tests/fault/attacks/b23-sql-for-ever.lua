-- KILL a statement that never ends
require("host.db").all "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) AS n FROM r"
return "ESCAPED"
