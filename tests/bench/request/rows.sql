-- The same 1,000 rows for both; ASCII and Chinese, integers and text, about what a work order's row is.
CREATE TABLE bench_visit (
  id INTEGER PRIMARY KEY, order_no TEXT NOT NULL, plate TEXT NOT NULL, model TEXT NOT NULL, advisor TEXT NOT NULL,
  km INTEGER NOT NULL, amount_fen INTEGER NOT NULL, settled_on TEXT NOT NULL, remark TEXT NOT NULL
) STRICT;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO bench_visit
SELECT i, printf('RO2026%06d', i), printf('苏A%05d', i * 37 % 100000), printf('CS%d PLUS', i % 7), printf('顾问%d', i % 12),
       i * 731 % 200000, i * 7919 % 1000000, printf('2026-11-%02d', i % 28 + 1), '客户反映空调有异响，"已检查"并更换滤芯。'
FROM n;
