---@meta archive.define

---point "import_columns": 经销商系统的列名和字典编号；只增加，不减少。例子：examples/gallery/plugins/some-columns；新建：forecourt new columns NAME。
---What the columns of a dealer system are called and what its dictionary numbers mean; it adds and takes nothing away. Example:
---examples/gallery/plugins/some-columns; to begin one: forecourt new columns NAME.

---point "erasures": 删除客户时插件要清空的内容。例子：examples/gallery/plugins/an-erasure；新建：forecourt new erasure NAME。
---What a plugin empties when a customer is erased. Example: examples/gallery/plugins/an-erasure; to begin one: forecourt new erasure NAME.

---@class archive.define                         # require "archive.define"
---档案的扩展点的构造器。
---Constructors of the archive's points.
local a = {}
---列名：a.columns "dms-x" { order_no = { "工单编号" }, settled = { "结账时间" } }
---Column names: a.columns "dms-x" { order_no = { "工单编号" }, settled = { "结账时间" } }
function a.columns(id) end
---字典编号：a.words "dms-x-words" { kind = { ["12041001"] = "定期保养" } }
---Dictionary numbers: a.words "dms-x-words" { kind = { ["12041001"] = "定期保养" } }
function a.words(id) end
---删除客户：a.erasure "my-plugin" { title = Text, open = function(person)?, wipe = function(person) }。wipe 返回清空的行数，重复执行无害。
---Erasing a customer: a.erasure "my-plugin" { title = Text, open = function(person)?, wipe = function(person) }. wipe returns how many rows it
---emptied; twice is harmless.
function a.erasure(id) end
return a
