---@meta
-- The Lua face of the host while a plugin loads: how things are declared, pages, scripts, the host's own points. What runs later is in
-- host.d.lua; both are cut into a file a module for the language server.

-- ------------------------------------------------------------------------------------------------- define time
-- While a plugin loads it may only declare: run-time functions raise "may only declare while loading".
-- A file in a point folder returns one definition or an array of them. A definition is a table made by a constructor:
--   { id = "...", version = "1.0.0"?, ... data ... } ; functions freeze to {fn = "file#path"}; `at` is set by define.new.

---按 id 更改别的插件的定义，厂家升级后仍然有效。
---require "host.amend": changes another plugin's definition by id. A file in amend/ returns
---  amend "menus/main" { set = { ["title.en"] = "..." }, remove = { "items.rice" },
---    insert = { { into = "items", after = "soup", value = m.item "coffee" {...} } }, about = Text? }
---Where several amend one definition, before/after = "plugin" (or a list of them) say whose changes come first; who needs another comes after it anyway.
---The plugin names the definition's owner in `needs`; what comes out is checked by the engine as if it had been written so.
local function amend(target) end

---@class host.define                            # require "host.define"; for engines' define.lua and for point files
---怎样声明：给引擎的 define.lua 和扩展点的文件用。
---How things are declared: for engines' define.lua and for point files.
local define = {}
---说明构造器给出的句柄代表什么，这样 host.amend 可以用它。返回句柄。
---What a constructor's handle stands for, so that host.amend can put it into another plugin's definition; returns the handle.
function define.stands_for(handle, data) end
---定义或句柄的数据；其他原样返回。
---The data of a definition or handle; anything else as it is.
function define.plain(value) end
---往上第 level 层调用者的 "文件:行"（1 = 调用本函数者的调用者）。
---"file:line" of the caller `level` levels up (1 = who called the function that calls here).
---@return string
function define.here(level) end
---把表标为扩展点的定义，带 id 和位置，返回它。文件加载完即冻结。
---Marks a table as definition of `point` with id and place (level as in here); returns it. Frozen when its file has been loaded.
function define.new(point, id, data, level) end
---在该处报错并停止这个文件；其他文件的错误照样报告。
---Raises a definition error at the place (all errors of a file stop that file; errors of other files are still reported).
function define.fail(at, zh, en) end
---记下一个问题，不停止。
---Adds a problem without stopping.
function define.problem(at, zh, en) end
---按样式检查一个表：不认识的键、缺少的（!）键、类型不对都会成为问题。
---Checks a table against a shape: define.check(at, what, data, { title = "text!", weight = "number", zh="string!" ...}): unknown keys, missing (!) keys, wrong
---types become problems. Types: string number integer boolean table text list function predicate any.
function define.check(at, what, data, shape) end

---@class host.predicate                         # require "host.predicate"
---事实与条件：引擎用它给作者的规则提供可写条件的句柄，例如 v.kind:matches "PDI"、a:le(6) | b:is "no"。
---Facts and conditions: with it an engine gives authors handles to write conditions on, like v.kind:matches "PDI", a:le(6) | b:is "no".
local predicate = {}
---一组事实：predicate.facts("visit", { kind = { type = "text", title = Text } })。
---A set of facts: predicate.facts("visit", { kind = { type = "text", title = Text } }).
function predicate.facts(name, columns) end
---一个事实（number、text、bool、list ...）。
---One fact (number, text, bool, list ...).
---@return host.Fact
function predicate.fact(name, type) end
---是不是条件。
---Whether it is a condition.
function predicate.is_predicate(v) end
---是不是事实。
---Whether it is a fact.
function predicate.is_fact(v) end
---表里与这个词最像的键，没有则 nil。
---The key of the table that was probably meant, or nil.
function predicate.nearest(word, table) end

---@class host.Fact
---条件写在事实上；不知道的事实使条件"未知"，不算成立。a & b、a | b、~a 组合条件。
---Conditions are written on facts; on an unknown fact a condition is unknown, never true. a & b, a | b, ~a combine them.
local Fact = {}
---等于。
---Is equal.
function Fact:is(value) end
---不等于。
---Is not equal.
function Fact:isnt(value) end
---小于。
---Less than.
function Fact:lt(n) end
---小于或等于。
---Less or equal.
function Fact:le(n) end
---大于。
---Greater than.
function Fact:gt(n) end
---大于或等于。
---Greater or equal.
function Fact:ge(n) end
---匹配正则表达式。
---Matches a regular expression.
function Fact:matches(pattern) end
---等于其中之一。
---Is one of them.
function Fact:one_of(list) end
---包含（列表）。
---Holds it (a list).
function Fact:has(value) end
---包含其中之一（列表）。
---Holds one of them (a list).
function Fact:has_any(list) end
---全部包含（列表）。
---Holds all of them (a list).
function Fact:has_all(list) end
---为空。
---Is empty.
function Fact:empty() end
---为真（是非值）。
---Is true (a yes or no).
function Fact:yes() end
---有值。
---Has a value.
function Fact:answered() end

---@class host.page                              # require "host.page"
---一个路由。每个文件一个或一组：page "POST /calls/:id/answer" { who = {...}, params = {...}, template = "...", function(req) ... end }
---A route. One per file or an array.
---   return page "POST /calls/:id/answer" { who = {"specialist"}, params = { id = "id!", item = "string!", value = "string" },
---     template = "answer.html", menu = { zh="回访", en="Calls", icon="phone", order=10 }?, title = Text?, function(req) return {...} end }
---who：角色列表、"anyone"（不用登录）或 "user"（任何登录者）。参数类型：string text integer number boolean day id month file list（! 表示必须）；没有声明的参数一律拒绝。
---who: array of roles, or "anyone" (no session), or "user" (any signed-in). params types: string text integer number boolean day id month file list
---(`!` required; "string:64" limits length; default string:4096); anything not declared is refused (400).
---处理函数得到 req = { params, method, path, lang, csrf, htmx, files }，返回模板的数据，或 page.redirect 等。
---The handler gets req = { params = {...}, method, path, lang, csrf, htmx = boolean, files = { name = {path=, filename=, size=} } } and returns
---   a table: data for the template (JSON if there is no template, or if the client accepts application/json)
---   page.redirect(path) · page.file{ name=, type=, bytes= | path= } · page.status(code, data) · page.trigger(event, detail, data) (htmx HX-Trigger)
---Paths are below /<dealership>; `page "GET !/sign-in"` (with !) stands at the site's root.
---A full page is wrapped by the frame (point `frames`, the console's) unless the request is htmx (HX-Request) or `frame = false`.
---模板：pages/ 里旁边的文件；{{> part}} 是本插件 parts/ 里的。
---Template names: file beside it in pages/, or any name in the plugin's `parts/` for {{> part}}. Globals in every template: base ("/nanjing"), lang,
---csrf, actor {login,name,roles}, dealership {id,name}, path, today, now_hm.
---@overload fun(route:string):fun(spec:table):table
local page = {}
---转到另一个地址。
---Goes on to another address.
function page.redirect(path) end
---给出一个文件：page.file{ name=, type=, bytes= | path= }
---Gives a file: page.file{ name=, type=, bytes= | path= }
function page.file(o) end
---以别的状态码回答。
---Answers with another status.
function page.status(code, data) end
---让页面上的 htmx 触发一个事件（HX-Trigger）。
---Triggers an event in the page (htmx HX-Trigger).
function page.trigger(event, detail, data) end

---require "host.frame": 所有页面的外框。
---The frame of all pages: frame { template = "frame.html", function(req, page) return data end }; page = {title, menu, plugin}.
local function frame(spec) end

---@class host.script                            # require "host.script"
---操作者的脚本，命令行和工作台都能运行：
---An operator's script:
---   return script "import-dms" { title = Text, who = {"supervisor"}, params = { script.file "file" { title = Text, required = true }, script.day "day" {...} },
---     run = function(params) ... return result_table end, text = function(result) return Text end? }
---命令行：forecourt run ID --NAME VALUE [--json]。没有 --json 时打印 text(result)。
---From the command line: forecourt run ID --NAME VALUE [--json]. Without --json `text(result)` is printed, with --json progress goes to stderr, `lines` of the result
---(if it has that key: an array) are printed one JSON object per line, and the last line is the JSON of `summary` (if it has that key) or of the result.
---@overload fun(id:string):fun(spec:table):table
local script = {}
---文件：会拷进站点，脚本得到供 host.csv / host.file 使用的名称。
---A file: copied into the site, the script sees a name for host.csv and host.file.
function script.file(name) end
---日期。
---A day.
function script.day(name) end
---月份。
---A month.
function script.month(name) end
---文字。
---A text.
function script.string(name) end
---整数。
---A whole number.
function script.integer(name) end
---数字。
---A number.
function script.number(name) end
---是或否。
---Yes or no.
function script.boolean(name) end
---从列表里选一个。
---One out of a list.
function script.choice(name) end

-- ------------------------------------------------------------------------------------------------- the host's own points

---point "pages": 页面。pages/NAME.lua 返回 host.page 的定义，旁边放模板 NAME.html。例子：examples/gallery/plugins/a-page。
---Pages. pages/NAME.lua returns definitions of host.page, its template NAME.html lies beside it. Example: examples/gallery/plugins/a-page.

---point "frames": 所有页面的外框，全站只有一个，是工作台的 plugins/console/frames/main.lua。
---The frame around all pages; a site has one, the console's: plugins/console/frames/main.lua.

---point "scripts": 操作者的脚本。scripts/NAME.lua 返回 host.script 的定义。例子：examples/gallery/plugins/a-script。
---Operators' scripts. scripts/NAME.lua returns a definition of host.script. Example: examples/gallery/plugins/a-script.

---point "calendars": 一年的放假日和调休上班日：define.new("calendars", id, { year, off, work, names })。例子：examples/gallery/plugins/a-calendar。
---Days off and make-up days of a year: define.new("calendars", id, { year, off, work, names }). Example: examples/gallery/plugins/a-calendar.

---point "amend": 对别的插件的定义的更改。amend/NAME.lua 返回 host.amend 的定义。例子：examples/gallery/plugins/an-amendment。
---Changes to other plugins' definitions. amend/NAME.lua returns definitions of host.amend. Example: examples/gallery/plugins/an-amendment.
