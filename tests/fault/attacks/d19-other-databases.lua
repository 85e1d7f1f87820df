-- DENY SQL that leaves this store, ends the transaction or changes settings
local db = require "host.db"
for _, sql in ipairs { "ATTACH DATABASE '/tmp/x.db' AS x", "DETACH DATABASE main", "PRAGMA writable_schema = 1", "PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", "BEGIN", "COMMIT", "ROLLBACK",
  "VACUUM INTO '/tmp/x.db'", "SELECT load_extension('x')", "SELECT writefile('/tmp/x', 'x')", "SELECT readfile('/etc/passwd')", "SELECT 1; DELETE FROM host_audit", "DROP TABLE host_audit", "ALTER TABLE host_audit ADD x",
  "CREATE TABLE mine (x)", "CREATE TRIGGER t AFTER INSERT ON host_audit BEGIN DELETE FROM host_audit; END", "SELECT fts3_tokenizer('x')", "CREATE VIRTUAL TABLE v USING fts5(x)" } do
  if pcall(db.all, sql) then return "ESCAPED: " .. sql end
end
return "denied"
