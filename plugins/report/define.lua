-- Constructors of the point `layouts`. A layout is data: named queries, blocks that show figures, and one function that turns rows into
-- figures. The engine runs the queries, so that provenance (row counts, hash) is the same for every report.
--
--   local r = require "report.define"
--   return r.layout "visits" { version = "1.0.0", title = { zh = "...", en = "..." }, params = { r.month "month" },
--     r.query "jobs" { sql = "SELECT advisor, COUNT(*) AS n FROM archive_visit WHERE settled_on >= ? AND settled_on < ? GROUP BY advisor",
--                      bind = { "from", "to" }, columns = { "advisor?", "n" } },
--     compute = function(rows, params) return { advisors = rows.jobs } end,
--     r.table { title = {...}, rows = "advisors", columns = { { id = "advisor", title = {...} }, { id = "n", title = {...}, kind = "integer" } } },
--   }
-- Bound names of a month: from, to (exclusive), previous_from, today, from_ms, to_ms, now. A column that may be NULL ends in "?".
local define = require "host.define"

local M = {}

-- How a value is shown. percent: { n =, d = }; score: { sum =, n = } with two decimals; index: the same, rescaled; points: tenths of a point.
M.kinds = { text = true, integer = true, percent = true, score = true, index = true, points = true, decimal = true }

local BOUND = {
  from = true, to = true, previous_from = true, today = true, from_ms = true, to_ms = true, now = true,
}
-- The store may one day be another database, and a report must not write.
local REFUSED = { "insert", "update", "delete", "replace", "drop", "alter", "create", "attach", "pragma", "vacuum", "rowid", "strftime" }

function M.month(name)
  return { kind = "month", name = name }
end

local function check_sql(at, id, sql)
  local words = " " .. sql:lower():gsub("'[^']*'", "''"):gsub("[^%w_']+", " ") .. " "
  if not words:match "^ select " and not words:match "^ with " then
    define.problem(at, ("查询“%s”应以 SELECT 或 WITH 开头"):format(id), ("query '%s' should begin with SELECT or WITH"):format(id))
  end
  for _, word in ipairs(REFUSED) do
    if words:find(" " .. word .. " ", 1, true) then
      define.problem(at, ("查询“%s”中不能用 %s"):format(id, word), ("query '%s' may not use %s"):format(id, word))
    end
  end
end

function M.query(id)
  return function(t)
    local at = define.here(1)
    define.check(at, 'query "' .. tostring(id) .. '"', t, { sql = "string!", bind = "list", columns = "list!" })
    if type(t.sql) == "string" then check_sql(at, id, t.sql) end
    local _, marks = (t.sql or ""):gsub("?", "")
    if marks ~= #(t.bind or {}) then
      define.problem(at, ("查询“%s”有 %d 个问号，却给了 %d 个参数"):format(id, marks, #(t.bind or {})),
        ("query '%s' has %d parameter marks but %d bound names"):format(id, marks, #(t.bind or {})))
    end
    for _, name in ipairs(t.bind or {}) do
      if not BOUND[name] then
        define.problem(at, ("查询“%s”：没有参数“%s”"):format(id, tostring(name)),
          ("query '%s': there is no parameter '%s'"):format(id, tostring(name)))
      end
    end
    return { part = "query", id = id, sql = t.sql, bind = t.bind or {}, columns = t.columns, at = at }
  end
end

local function check_kind(at, what, kind)
  if kind ~= nil and not M.kinds[kind] then
    define.problem(at, what .. "：没有显示方式“" .. tostring(kind) .. "”", what .. ": there is no way '" .. tostring(kind) .. "' to show a value")
  end
end

local function block(kind, shape)
  return function(t)
    local at = define.here(1)
    define.check(at, kind, t, shape)
    for _, list in ipairs { t.items or {}, t.columns or {} } do
      for _, c in ipairs(list) do
        define.check(at, kind .. " " .. tostring(c.id), c, { id = "string!", title = "text!", kind = "string", hint = "text" })
        check_kind(at, kind .. " " .. tostring(c.id), c.kind)
      end
    end
    check_kind(at, kind, t.value_kind)
    return {
      part = "block", kind = kind, title = t.title, items = t.items, rows = t.rows, columns = t.columns, label = t.label, value = t.value,
      value_kind = t.value_kind, empty = t.empty, text = t.text,
    }
  end
end

-- Figures beside each other; a table of figure rows; a bar for each row; a paragraph.
M.kpis = block("kpis", { title = "text!", items = "list!" })
M.table = block("table", { title = "text!", rows = "string!", columns = "list!", empty = "text" })
M.bar = block("bar", { title = "text!", rows = "string!", label = "string!", value = "string!", value_kind = "string" })
M.text = block("text", { title = "text", text = "text!" })

local KEYS = { version = "string!", title = "text!", about = "text", params = "list", compute = "function!" }

function M.layout(id)
  return function(t)
    local at = define.here(1)
    local head, data = {}, { queries = {}, blocks = {} }
    for key, value in pairs(t) do
      if type(key) == "string" then head[key] = value end
    end
    define.check(at, 'layout "' .. tostring(id) .. '"', head, KEYS)
    for key, value in pairs(head) do data[key] = value end
    for _, part in ipairs(t) do
      local list = part.part == "query" and data.queries or part.part == "block" and data.blocks
      if not list then define.fail(at, "版式里只能放 query 和各种 block", "a layout holds only queries and blocks") end
      local copy = {}
      for key, value in pairs(part) do
        if key ~= "part" and key ~= "at" then copy[key] = value end
      end
      list[#list + 1] = copy
    end
    return define.new("layouts", id, data, 1)
  end
end

return M
