-- The peer: one prepared INSERT through LuaJIT's FFI, in WAL with synchronous=FULL, so that what is answered is on the disk.
local ffi = require "ffi"
ffi.cdef [[
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs);
int sqlite3_exec(sqlite3 *db, const char *sql, void *fn, void *ctx, char **text);
int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **stmt, const char **tail);
int sqlite3_bind_int64(sqlite3_stmt *stmt, int i, int64_t v);
int sqlite3_bind_text(sqlite3_stmt *stmt, int i, const char *text, int n, void *free);
int sqlite3_step(sqlite3_stmt *stmt);
int sqlite3_reset(sqlite3_stmt *stmt);
int64_t sqlite3_last_insert_rowid(sqlite3 *db);
]]
local lib = ffi.load "libsqlite3.so.0"
local READWRITE, NOMUTEX, PERSISTENT, DONE = 2, 0x8000, 1, 101
local WORDS = "客户反映空调有异响，已检查。"

local peer = {}
local db, stmt

function peer.open(path)
  local dbs, out = ffi.new "sqlite3*[1]", ffi.new "sqlite3_stmt*[1]"
  assert(lib.sqlite3_open_v2(path, dbs, READWRITE + NOMUTEX, nil) == 0)
  db = dbs[0]
  assert(lib.sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384", nil, nil, nil) == 0)
  assert(lib.sqlite3_prepare_v3(db, "INSERT INTO bench_note (n, what) VALUES (?, ?)", -1, PERSISTENT, out, nil) == 0)
  stmt = out[0]
end

function peer.answer(n)
  lib.sqlite3_bind_int64(stmt, 1, tonumber(n))
  lib.sqlite3_bind_text(stmt, 2, WORDS, #WORDS, nil)
  local rc = lib.sqlite3_step(stmt)
  lib.sqlite3_reset(stmt)
  if rc ~= DONE then return ngx.exit(500) end
  local text = string.format('{"id":"%s"}', tostring(lib.sqlite3_last_insert_rowid(db)):gsub("LL", ""))
  ngx.header.content_length = #text
  ngx.print(text)
end

return peer
