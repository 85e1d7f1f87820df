PRAGMA synchronous=OFF;
PRAGMA cache_size=-200000;
CREATE TABLE bench_visit (
  id INTEGER PRIMARY KEY, no TEXT NOT NULL UNIQUE, vin TEXT NOT NULL, at INTEGER NOT NULL, said TEXT NOT NULL,
  phone_sealed BLOB NOT NULL, phone_index TEXT NOT NULL
) STRICT;
INSERT INTO bench_visit WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < @ROWS@)
SELECT i * 4096 + 212000000000000, printf('03-%08d-%03d', 20260101 + i / 997, i % 997), printf('LSGJA52U%09d', (i * 7919) % 1000000000),
  1700000000000 + i * 61000,
  '顾客反映' || substr('空调异响刹车抖动保养价格偏高等待时间太长服务顾问态度很好洗车不干净', 1 + (i * 31) % 20, 8) || '，' || hex(randomblob(6)) || ' 已答复，' || (i * 7 % 1000) || ' 元',
  randomblob(57), lower(hex(randomblob(16))) FROM n;
CREATE INDEX bench_visit_index ON bench_visit (phone_index);
CREATE INDEX bench_visit_vin ON bench_visit (vin);
PRAGMA wal_checkpoint(TRUNCATE);
