---@meta
-- The Lua face of the host, declared once. Completion (LuaLS), `forecourt doc` and the reference come from this file;
-- tests/spec/api_test.lua fails where a registered function is not in it.
--
-- Errors. What is misuse raises. host.db raises on every failure. An error is either text or a table
-- { zh = "...", en = "..." }: raise the second kind (error(table, 0)) where a person will read it: a page shows it in
-- the reader's language with status 422, a verb prints it and exits 1. Any other error of a page answers 500 with the call's id only, but a
-- store that cannot be written or read 507, one that somebody held too long 503 (db.trouble).

---@alias Text string|{zh:string, en:string}   # a sentence in both languages
---@alias Day string                            # "YYYY-MM-DD" in the site's zone
---@alias Ms integer                            # instant, milliseconds UTC

-- ---------------------------------------------------------------------------------------------------- run time

---@class host.db                                # require "host.db"; the dealership's store
---本店的数据库。SQL 用 SQLite 与 PostgreSQL 共有的写法，一次一条；写只能写自己的表。
local db = {}
---取一行：列名 -> 值；没有则 nil。NULL 的列不出现。参数按位置，nil 即 NULL，true/false 即 1/0。
---SQL is the common subset of SQLite and PostgreSQL, one statement, a plugin's own tables when it writes; what is outside raises a sentence that
---says what to write instead.
---One row as a table column -> value, nil if there is none. NULL columns are absent. Parameters by position, nil = NULL,
---true/false = 1/0. Integers are 64-bit.
---@return table?
function db.one(sql, ...) end
---取所有行（最多 100,000 行，再多请用 each）。
---All rows (at most 100,000, then an error that says to use each).
---@return table[]
function db.all(sql, ...) end
---逐行读取：for row in db.each(sql, ...) do。期间不要写同样的表。
---Iterates rows: `for row in db.each(sql, ...) do`. Do not write to the same tables meanwhile.
function db.each(sql, ...) end
---执行写语句，返回改变的行数。不在 tx 中时自成一个事务。
---Runs a writing statement, returns how many rows changed. Outside tx it is a transaction of its own.
---@return integer
function db.run(sql, ...) end
---在一个事务里运行 fn 并返回它的结果；出错则回滚，错误照样抛出。tx 中的 tx 是保存点。fn 只能用数据库，可能运行不止一次。
---Runs fn inside a transaction and returns what it returns; an error rolls back and goes on unchanged. tx inside tx is a savepoint.
---fn may only use the database (and exports, vault, rules, audit, event-free host functions): it may run more than once.
function db.tx(fn) end
---捕获到的错误属于哪种："disk"（磁盘满或写不了）、"busy"（别人占用太久），否则 nil。
---Of an error that was caught: "disk" (full, or cannot be written), "busy" (somebody held the data too long), else nil. A page that lets such an
---error go answers 507 or 503 with a sentence.
---@return string?
function db.trouble(e) end
---新的 63 位编号，按时间递增。
---A new time-ordered 63-bit id.
---@return integer
function db.id() end
---标明这段文字是 BLOB 参数（vault.seal 的结果已经是）。
---Marks a string as BLOB parameter (sealed values come out of vault.seal as such already).
function db.blob(bytes) end

---某个扩展点上现在有效的定义，按 order、插件、id 排序。
---require "host.point": the definitions of a point in the call's live set, sorted by order/plugin/id.
---@class Definition
---@field id string
---@field version string
---@field hash string            # of the frozen data
---@field plugin string
---@field plugin_version string
---@field at string              # file:line
---@field data table             # a fresh copy for each call of host.point
---@param name string
---@return Definition[]
local function point(name) end
---按内容哈希取一个新或旧的定义，或按扩展点和 id 取现行的；没有则 nil。
---require "host.definition": one old or new definition by content hash, or the live one by point and id; nil if unknown.
---@overload fun(hash:string):Definition?
---@return Definition?
local function definition(point, id) end
---调用定义里的函数：host.call(definition, "run", 参数...)。参数和结果都是拷贝。
---require "host.call": calls the function a definition names: host.call(definition, "run", args...). Arguments and results are copied.
local function call(definition, field, ...) end

---@class host.who                               # require "host.who"
---谁在操作、哪家店、用什么语言。
---Who acts, in which dealership, in which language.
local who = {}
---操作者。
---The actor.
---@return {login:string, name:string, roles:string[], kind:"user"|"cli"|"job"}
function who.actor() end
---操作者在本店有其中一个角色则为 true。
---True if the actor holds one of the roles in this dealership.
---@return boolean
function who.has(...) end
---本店的 id 和名称。
---This dealership.
---@return {id:string, name:Text}
function who.dealership() end
---读者的语言。
---The reader's language.
---@return "zh"|"en"
function who.lang() end
---本店的在用用户，可只取某个角色的。
---Users of this dealership, optionally only those with a role: { {login=, name=, mail=, lang=, roles={...}} }, active ones only.
function who.users(role) end
---登录名到姓名，包括已停用的和已调到别的门店的：列表里显示谁做过什么时用。
---Login to name, also of those switched off or gone to another dealership: for lists of who did what.
---@return table<string,string>
function who.names() end

---@class host.clock                             # require "host.clock"
---时间。日期都按站点的时区；测试里由 test.now 决定。
---Time. Days are in the site's zone; in tests test.now decides.
local clock = {}
---现在（毫秒，UTC）。
---Now, milliseconds UTC.
---@return Ms
function clock.now() end
---今天。
---Today.
---@return Day
function clock.today() end
---某一时刻在站点时区的日期和 "HH:MM"。
---Day and "HH:MM" of an instant in the site's zone.
---@return Day, string
function clock.split(ms) end
---某天某时（不写则 "00:00"）对应的时刻。
---Instant of a day and a time of day ("00:00" if left out).
---@return Ms
function clock.at(day, hhmm) end
---日期加 n 天（可为负）。
---The day n days later (n may be negative).
---@return Day
function clock.add_days(day, n) end
---从 a 到 b 的天数。
---Days from a to b.
---@return integer
function clock.days_between(a, b) end
---1 星期一 .. 7 星期日。
---1 Monday .. 7 Sunday.
---@return integer
function clock.weekday(day) end
---文字是真实存在的日期 "YYYY-MM-DD" 则为 true。
---true if text is a real day "YYYY-MM-DD".
function clock.is_day(text) end

---@class host.calendar                          # require "host.calendar"; days come from the point `calendars`
---工作日历；数据来自扩展点 calendars。
---Working days; the days come from the point calendars.
local calendar = {}
---是不是工作日；那一年没有数据则报错，不猜。
---Whether the day is worked; a year without data raises instead of guessing.
---@return boolean
function calendar.is_workday(day) end
---之后第 n 个工作日。
---The n-th working day after it.
---@return Day
function calendar.add_workdays(day, n) end
---n 个工作日的期限，附计算步骤：calendar.due{ from = ms, workdays = 1, cutoff = "17:00", close = "17:30" }
---Deadline of an n-working-day limit (L13): calendar.due{ from = ms, workdays = 1, cutoff = "17:00", close = "17:30" }
---@return {at:Ms, day:Day, steps:{day:Day, kind:string, zh:string, en:string}[]}
function calendar.due(o) end

---@class host.vault                             # require "host.vault"
---个人隐私：密封、打开、掩码。
---What is private of a person: sealing, opening, masking.
local vault = {}
---用此人的密钥密封 table.column 某行的文字（0：不属于任何人）；结果作为 BLOB 绑定。nil 仍是 nil；已删除的人则报 {zh,en}。
---Seals text for table.column of row id, under the key of the person it belongs to (0: nobody in particular); the result is bound as BLOB. nil
---stays nil. A person without key gets one, durable at once; for an erased person it raises {zh,en}.
function vault.seal(table, column, id, text, person) end
---打开密封的文字。已删除的人：得到一句可显示的话，第二个结果是 "erased"。
---The text. Of an erased person: a sentence in the reader's language to show instead, and "erased" as second result.
---@return string?, string?
function vault.open(table, column, id, sealed) end
---新的人的 id，已带密钥。
---The id of a new person, with a key already: many in a row cost few commits.
---@return integer
function vault.person() end
---彻底删除一个人：销毁密钥并覆盖文件和日志。须在 db.tx 之外；重复执行无害。
---Erases a person for good: the key is destroyed, file and log are overwritten. Outside db.tx; twice is harmless.
function vault.forget(person) end
---密钥备份保留多少天（site.lua：backup.keys_retention_days）。
---For how many days backups of the key store are kept (site.lua: backup.keys_retention_days).
---@return integer
function vault.retention() end
---盲索引：相同的值得到相同的文字。先规范写法。
---Blind index: equal values give equal text. Normalise first. purpose e.g. "mobile", "mobile4". Kept in a column that ends in _index (or, where it is
---only compared, _hash or signature), so that it is remade when the dealership's key is changed.
---@return string
function vault.index(purpose, value) end
---值可能的各个盲索引，新的在前：查找时用 IN。
---The index, and the one in rows which a change of the dealership's key has not reached: search and compare
---with both (`number_index IN (?, ?)`), write the first.
---@return string, string
function vault.indexes(purpose, value) end
---掩码显示：手机 138****8000、姓名 张*、车牌、VIN 后六位等。
---Mask after domain F6: kind "mobile" 138****8000, "phone" (fixed line: first 4 and last 2), "name" 张*, "plate" 渝A***45, "vin" last 6, "id", "mail".
---@return string
function vault.mask(kind, text) end

---@class host.rules                             # require "host.rules"
---规则集：求值、记录决定、解释原因。
---Rule sets: evaluating, recording decisions, explaining them.
local rules = {}
---用事实对规则集求值，不留记录。
---Evaluates a rule set definition (point, id) over facts; records nothing. Result as core/rules/rules.h: {rule, outcome, because, at, rules, trace, hash}.
function rules.evaluate(point, id, facts) end
---求值并在当前事务里写一条决定，结果里多出 decision（编号）。给出 person 则密封在此人名下。
---The same, and writes a decision row (in the running transaction): adds `decision` (its id) to the result. subject e.g. {"visit", id}.
---Facts and trace are sealed under the person, if one is given.
function rules.decide(point, id, subject, facts, person) end
---对一个条件求值：true、false 或 nil（未知）。
---Evaluates one predicate (data as in a definition): true, false or nil (unknown).
---@return boolean?
function rules.test(predicate, facts) end
---一条决定，含事实和过程；没有则 nil。
---The decision row with facts and trace, or nil.
function rules.explain(decision_id) end

---@class host.csv                               # require "host.csv"
---读入和写出表格。
---Reading and writing tables.
local csv = {}
---打开站点内的表格（CSV、制表符文本、.xlsx，各种编码）。出错报 {zh,en}。
---Opens a table (CSV, tab text, .xlsx; any encoding of K3) inside the site. Errors raise {zh,en}.
---@return Table
function csv.open(path) end
---@class Table
---打开的表格。
---An opened table.
local Table = {}
Table.encoding, Table.delimiter, Table.size = "", "", 0
---下一条记录：物理行号和各字段；结束则 nil。
---Next record: physical line number and fields (strings), or nil at the end.
---@return integer?, string[]?
function Table:next() end
---已读到的字节位置。
---The position reached.
---@return integer  # bytes consumed so far
function Table:position() end
---关闭。
---Closes it.
function Table:close() end
---生成 Excel 可直接打开的 CSV 文字。
---Text of a CSV for Excel (BOM, CRLF, formula guard) from rows of strings and numbers.
---@return string
function csv.write(rows) end

---@class host.file                              # require "host.file"; only inside the site's data/files
---站点 data/files 内的文件。
---Files inside the site's data/files.
local file = {}
---读取内容；失败则 nil、一句话、代码。
---Its content, or nil, a sentence and a code.
---@return string?, string?, string?  # content or nil, sentence, CODE
function file.read(name) end
---写入（旧的或新的，不会只写一半）。
---Writes it: old or new, never half.
function file.write(name, bytes) end
---内容的 BLAKE2b-256，十六进制。
---BLAKE2b-256 of the content, hex.
function file.hash(name) end
---删除文件。
---Removes it.
function file.remove(name) end

---@class host.json                              # require "host.json"
---JSON。
---JSON.
local json = {}
---规范的文字。空表是 {}，除非用 json.array{} 制作。
---Canonical text. An empty table is {} unless made by json.array{}.
function json.encode(value) end
---最多 4 MiB。
---At most 4 MiB.
function json.decode(text) end
---让一个表成为 JSON 数组。
---Marks a table as JSON array.
function json.array(t) end

---正则表达式（PCRE2），超出限度会报错。
---Regular expressions (PCRE2); limits raise.
---require "host.re": PCRE2. re.match(subject, pattern) -> captures (whole match first) or nil; re.test -> boolean; re.gsub(subject, pattern, replacement
---with $1) -> text. Limits raise.
---@class host.re
local re = {}
---匹配：各捕获（第一个是整体）或 nil。
---The captures, the whole match first, or nil.
function re.match(subject, pattern) end
---是否匹配。
---Whether it matches.
function re.test(subject, pattern) end
---替换，$1 表示捕获。
---Replaces; $1 stands for a capture.
function re.gsub(subject, pattern, replacement) end

---@class host.text                              # require "host.text"
---文字处理（UTF-8）。
---Texts (UTF-8).
local text = {}
---全角变半角，各种空白变空格，去掉首尾空白和看不见的字符。
---Full-width to half-width, NBSP, U+3000 and line separators to blank, ends trimmed; removed is what nobody sees: controls (but tab and line ends),
---zero-width, directions (U+202A-202E, U+2066-2069).
function text.clean(s) end
---字符数。
---The number of characters.
---Upper case of ASCII letters, characters counted (UTF-8), cut to n characters.
function text.length(s) end
---截到 n 个字符。
---Cut to n characters.
function text.cut(s, n) end
---从 {zh,en} 中取读者的语言（可指定语言）。
---The reader's language out of {zh,en} (or the text itself). lang may be given.
function text.pick(t, lang) end

---@class host.mail                              # require "host.mail"
---邮件。
---Mail.
local mail = {}
---在当前事务里排队，提交后发送，失败会重试。key 相同只发一次。真的排队了返回 true。
---Queues a mail in the running transaction; sent after commit, retried with back-off. key makes it unique (same key twice: nothing). Returns true if queued.
function mail.send(o) end   -- { to = "a@b", subject = Text, body = Text, lang = "zh", key = "form:123:opened" }

---@class host.http                              # require "host.http"; only the servers that `hosts` in plugin.lua names
---向别的服务器发请求，例如短信网关、店内的 DMS。
---Asks other servers: an SMS gateway, the dealer system in the house.
---plugin.lua: uses = { "host.http" }, hosts = { "sms.example.cn", "dms.local:8080" }, secrets = { sms_token = "sms.example.cn" }
local http = {}
---发一个请求并等待答复；等待时别人照常工作。返回 { status, headers, body }；没有答复时返回 nil、原因和代码。
---timeout 单位是秒，最多 10；答复最多 4 MiB。只能用 https，店内的服务器（site.lua 的 internal_hosts）也可以用 http。不能在 db.tx 里调用。
---Sends one request and waits for the answer; others go on meanwhile. Any status is an answer; what keeps it from coming is nil, a sentence for the reader
---and a code: "DENIED" (a server that may not be asked, a redirect to another one, a secret that is not set), "TIMEOUT", "UNREACHABLE", "LIMIT" (more
---than 4 MiB), "TLS". method is GET, with a body POST. headers: name -> text or secret; of the answer: names in lower case. json is encoded, with its
---Content-Type. timeout: seconds, 10 at most and by default. https, plain http only to servers that site.lua names in internal_hosts. A redirect is
---followed on the same server only. Not inside db.tx. An answer that did not come may have been acted upon all the same: give what must not happen twice
---a number of its own that the other side knows again.
---@param o {url:string, method?:string, headers?:table, body?:string, json?:any, timeout?:number}
---@return {status:integer, headers:table<string,string>, body:string}?, string?, string?
function http.fetch(o) end
---清单 secrets 中的一个密钥，只能放进发给它那个服务器的请求头：headers = { Authorization = "Bearer " .. http.secret "sms_token" }。
---内容在站点的文件 secrets/插件.名称（权限 0600）里，插件看不到。
---A secret that the manifest names, to be put into a header for its server, with text before or behind it:
---headers = { Authorization = "Bearer " .. http.secret "sms_token" }. Its value is the one line of the site's file secrets/PLUGIN.NAME (mode 0600); no
---plugin, log or error ever sees it.
function http.secret(name) end

---@class host.audit                             # require "host.audit": host.audit.write("unmask", "contact:123", "claimed call 2026...")
---审计日志。
---The audit log.
local audit = {}
---写一条审计：做了什么、对什么、细节。操作人写下的原因放在 words：为 person（person_id，0 表示不属于某个人）加密保存，删除此人时一并失效；
---读取用 vault.open("host_audit_words", "words_sealed", audit_id, words_sealed)。
---Writes a row: what was done, to what, details. What somebody typed as the reason goes into words: sealed for person (a person's id, 0: nobody in
---particular) in host_audit_words (audit_id, words_sealed), opened by vault.open, and gone when he is erased. The row itself is chained and stays.
function audit.write(what, subject, detail, words, person) end

---@class host.counter                           # require "host.counter"
---连续编号。
---Running numbers.
local counter = {}
---某个系列的下一个号，在当前事务内，不留空号。
---Next running number of a series, inside the running transaction: counter.next("03-20261121") -> 1, 2, 3 ... without gaps.
---@return integer
function counter.next(series) end

---@class host.settings                          # require "host.settings"
---插件自己的设置。
---The plugin's own settings.
local settings = {}
---清单里的默认值，加上站点的设置。
---The own plugin's settings: the value of site.lua (settings[plugin][key]), else what the console's form set, else the default in the
---manifest's `settings`.
---@return table
function settings.get() end

---@class host.log                               # require "host.log"
---运行日志（forecourt tail 可以跟看）。
---The log (forecourt tail follows it).
local log = {}
---写一行。
---Writes a line.
function log.info(...) end
---写一行警告。
---Writes a warning.
function log.warn(...) end
---写一行错误。
---Writes an error.
function log.error(...) end

---progress(完成, 总数, Text?)：只用于脚本；显示进度，也是取消时停下的地方。
---require "host.progress": progress(done, total, Text?): only in scripts; shows a bar, keeps the job's row fresh, and is where a cancelled
---script stops (raises). Gives the loop a turn.
local function progress(done, total, what) end

---@class host.session                           # require "host.session"; capability for the plugin that owns the sign-in page
---登录；只给拥有登录页的插件。
---Sign-in; for the plugin that owns the sign-in page.
local session = {}
---核对密码。成功 -> true 和新的 CSRF；否则 nil、Text、代码。
---Checks the password (in the pool; the call waits). ok -> true, the new CSRF token, and the answer will set the cookie. Else nil, Text, CODE:
---"DENIED", or "LIMIT" where this address was wrong too often or too many sign in at once.
function session.sign_in(login, password) end
---退出登录。
---Signs out.
function session.sign_out() end
---改变操作者的语言。
---Changes the actor's language.
function session.set_lang(lang) end
---改变操作者自己的密码；失败则 nil、Text、代码。
---Changes the actor's own password. nil, Text, CODE on failure.
function session.change_password(old, new) end

---@class host.jobs                              # require "host.jobs"
---在后台运行的脚本。
---Scripts that run in the background.
local jobs = {}
---让脚本排队运行（以操作者身份），返回编号。
---Queues a script run (as the actor): returns the job's id. params as the script declares.
function jobs.start(script_id, params) end
---一次运行的情况，没有则 nil。
---{id, script, state = "queued|running|done|failed|cancelled", done, total, what = Text?, result = table?, error = Text?, made_at, ended_at, actor} or nil
function jobs.get(id) end
---最近的运行。
---The latest runs.
---各行不带 result：一次导入的结果可能有几兆；用 jobs.get 读一次的。
---Rows without `result`, which may be megabytes for an import; jobs.get reads one run's.
function jobs.list(limit) end
---取消一次运行。
---Cancels a run.
function jobs.cancel(id) end

---@class host.plugins                           # require "host.plugins"; what is in force, and what is wrong with the folders
---现在有效的插件，以及文件夹里的问题。
local plugins = {}
---每个插件一行：版本、来源、状态、问题；waits 是要求更多许可、等人决定的更新。
---{ {id, version, title=Text, hash, from="shipped|pack|site", state="live|broken", since=Ms, problems={ {at=, zh=, en=} },
---waits={version=, asks={Text}}? } }: waits is an update of a pack that asks for more and waits for a person
function plugins.list() end
---一个插件的设置，按表单的样子。
---One plugin's settings as a form shows them: { {key, title=Text, hint=Text?, kind="boolean|integer|number|text|time|choice|list|map|data",
---min?, max?, choices={ {id=, zh=, en=} }?, value, default, from="site|form|default"} }
function plugins.form(plugin) end
---保存或收回（nil）一项设置；会记入审计。不合适则报 {zh, en}。
---Sets what somebody wrote (text; a list or map one a line), or takes it back (nil); an audit row tells of a change. Raises {zh, en} when it does not fit
---and where there is no such setting.
---@param said string?
function plugins.set(plugin, key, said) end
---每个插件的状态：在用、停用、试用、等待测试等。
---What the store knows, also of plugins that are off, wait for their tests or were taken back:
---{ {plugin, version, hash, origin, since, actor, why, calls, failures, state="live|trial|held|staged|broken|off", staged=?, held=?, off=?, problems} }
function plugins.states() end
---一个插件用过的各个版本，新的在前。
---Versions that were in force, the newest first; of one plugin, or of all: { {plugin, version, hash, origin, began_at, actor, why, ended_at=?, ended_by=?, ended_why=?, calls, failures, trial=?, kept=0|1} }; kept 0: its source is gone
function plugins.history(id) end
---两个版本之间改了什么，按文件列出。
---What changed up to a version (nil: the present one) from another (nil: the one before); versions or beginnings of hashes:
---{ plugin, from, to, cut, files={ {path, state="new|gone|changed", hunks={ {at, lines={ {kind="same|out|in", old=?, new=?, text} } } }} } }
function plugins.changes(id, to, from) end
---退回、停用或启用一个插件；只限 it 角色，会记入审计。
---"disable", "enable" or "rollback" (to: a version, nil: the one before; from: the hash that was seen in force, or its beginning, so that two
---people who go back at once go back once). Only for who holds the role it; in force within 20 ms, audited. What the console needs stays on.
function plugins.act(what, id, to, from) end
