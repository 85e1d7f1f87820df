---@meta report.define

---point "layouts": 报表版式。layouts/NAME.lua 返回 r.layout 的定义。例子：examples/gallery/plugins/a-layout；新建：forecourt new layout NAME。
---Report layouts. layouts/NAME.lua returns a definition of r.layout. Example: examples/gallery/plugins/a-layout; to begin one: forecourt new layout NAME.

---@class report.define                          # require "report.define"
---版式是数据：查询、显示数字的块，和一个把行变成数字的函数。
---A layout is data: queries, blocks that show figures, and one function that turns rows into figures.
local r = {}
---参数：哪个月。
---A parameter: which month.
function r.month(name) end
---查询：r.query "jobs" { sql =, bind = { "from", "to" }, columns = { "n" } }。可绑定：from to previous_from today from_ms to_ms now。
---A query: r.query "jobs" { sql =, bind = { "from", "to" }, columns = { "n" } }. Bound: from to previous_from today from_ms to_ms now.
function r.query(id) end
---并排的数字。kind：text integer percent score index points decimal。
---Figures beside each other. kind: text integer percent score index points decimal.
function r.kpis(spec) end
---表格。
---A table.
function r.table(spec) end
---条形图。
---A bar for each row.
function r.bar(spec) end
---一段文字。
---A paragraph.
function r.text(spec) end
---整份版式：r.layout "id" { version, title, about?, params, 查询..., compute = function(rows, params), 块... }
---The whole: r.layout "id" { version, title, about?, params, queries..., compute = function(rows, params), blocks... }
function r.layout(id) end
return r
