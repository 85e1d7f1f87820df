-- The peer at its best: SQLite through LuaJIT's FFI, one prepared statement for the life of the worker.
local ffi = require "ffi"
local cjson = require "cjson"
ffi.cdef [[
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs);
int sqlite3_exec(sqlite3 *db, const char *sql, void *fn, void *ctx, char **text);
int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **stmt, const char **tail);
int sqlite3_bind_int64(sqlite3_stmt *stmt, int i, int64_t v);
int sqlite3_step(sqlite3_stmt *stmt);
int sqlite3_reset(sqlite3_stmt *stmt);
int sqlite3_column_count(sqlite3_stmt *stmt);
const char *sqlite3_column_name(sqlite3_stmt *stmt, int i);
int sqlite3_column_type(sqlite3_stmt *stmt, int i);
int64_t sqlite3_column_int64(sqlite3_stmt *stmt, int i);
double sqlite3_column_double(sqlite3_stmt *stmt, int i);
const char *sqlite3_column_text(sqlite3_stmt *stmt, int i);
int sqlite3_column_bytes(sqlite3_stmt *stmt, int i);
]]
local lib = ffi.load "libsqlite3.so.0"
local ROW, DONE, INTEGER, REAL, NULL = 100, 101, 1, 2, 5
local READWRITE, NOMUTEX, PERSISTENT = 2, 0x8000, 1

local peer = {}
local stmt, names, columns

function peer.open(path)
  local db, out = ffi.new "sqlite3*[1]", ffi.new "sqlite3_stmt*[1]"
  assert(lib.sqlite3_open_v2(path, db, READWRITE + NOMUTEX, nil) == 0)
  assert(lib.sqlite3_exec(db[0], "PRAGMA cache_size=-16384", nil, nil, nil) == 0)
  -- As in ours, the write-ahead log is not empty: a reader of an empty one asks for the file's size each time.
  assert(lib.sqlite3_exec(db[0], "UPDATE bench_visit SET km = km WHERE id = 1", nil, nil, nil) == 0)
  local sql = "SELECT id, order_no, plate, model, advisor, km, amount_fen, settled_on, remark FROM bench_visit WHERE id = ?"
  assert(lib.sqlite3_prepare_v3(db[0], sql, -1, PERSISTENT, out, nil) == 0)
  stmt, columns, names = out[0], lib.sqlite3_column_count(out[0]), {}
  for i = 0, columns - 1 do names[i] = ffi.string(lib.sqlite3_column_name(stmt, i)) end
end

local function value(i)
  local kind = lib.sqlite3_column_type(stmt, i)
  if kind == INTEGER then return tonumber(lib.sqlite3_column_int64(stmt, i)) end
  if kind == REAL then return lib.sqlite3_column_double(stmt, i) end
  if kind == NULL then return nil end
  return ffi.string(lib.sqlite3_column_text(stmt, i), lib.sqlite3_column_bytes(stmt, i))
end

function peer.answer(id)
  lib.sqlite3_bind_int64(stmt, 1, tonumber(id))
  local rc, row = lib.sqlite3_step(stmt), nil
  if rc == ROW then
    row = {}
    for i = 0, columns - 1 do row[names[i]] = value(i) end
  end
  lib.sqlite3_reset(stmt)
  if rc ~= ROW then return ngx.exit(rc == DONE and 404 or 500) end
  local text = cjson.encode(row)
  ngx.header.content_length = #text
  ngx.print(text)
end

return peer
