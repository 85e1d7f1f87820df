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
local db = {}
---SQL is the common subset of SQLite and PostgreSQL, one statement, a plugin's own tables when it writes; what is outside raises a sentence that
---says what to write instead.
---One row as a table column -> value, nil if there is none. NULL columns are absent. Parameters by position, nil = NULL,
---true/false = 1/0. Integers are 64-bit.
---@return table?
function db.one(sql, ...) end
---All rows (at most 100,000, then an error that says to use each).
---@return table[]
function db.all(sql, ...) end
---Iterates rows: `for row in db.each(sql, ...) do`. Do not write to the same tables meanwhile.
function db.each(sql, ...) end
---Runs a writing statement, returns how many rows changed. Outside tx it is a transaction of its own.
---@return integer
function db.run(sql, ...) end
---Runs fn inside a transaction and returns what it returns; an error rolls back and goes on unchanged. tx inside tx is a savepoint.
---fn may only use the database (and exports, vault, rules, audit, event-free host functions): it may run more than once.
function db.tx(fn) end
---Of an error that was caught: "disk" (full, or cannot be written), "busy" (somebody held the data too long), else nil. A page that lets such an
---error go answers 507 or 503 with a sentence.
---@return string?
function db.trouble(e) end
---A new time-ordered 63-bit id.
---@return integer
function db.id() end
---Marks a string as BLOB parameter (sealed values come out of vault.seal as such already).
function db.blob(bytes) end

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
---require "host.definition": one old or new definition by content hash, or the live one by point and id; nil if unknown.
---@overload fun(hash:string):Definition?
---@return Definition?
local function definition(point, id) end
---require "host.call": calls the function a definition names: host.call(definition, "run", args...). Arguments and results are copied.
local function call(definition, field, ...) end

---@class host.who                               # require "host.who"
local who = {}
---@return {login:string, name:string, roles:string[], kind:"user"|"cli"|"job"}
function who.actor() end
---True if the actor holds one of the roles in this dealership.
---@return boolean
function who.has(...) end
---@return {id:string, name:Text}
function who.dealership() end
---@return "zh"|"en"
function who.lang() end
---Users of this dealership, optionally only those with a role: { {login=, name=, mail=, lang=, roles={...}} }, active ones only.
function who.users(role) end

---@class host.clock                             # require "host.clock"
local clock = {}
---@return Ms
function clock.now() end
---@return Day
function clock.today() end
---Day and "HH:MM" of an instant in the site's zone.
---@return Day, string
function clock.split(ms) end
---Instant of a day and a time of day ("00:00" if left out).
---@return Ms
function clock.at(day, hhmm) end
---@return Day
function clock.add_days(day, n) end
---Days from a to b.
---@return integer
function clock.days_between(a, b) end
---1 Monday .. 7 Sunday.
---@return integer
function clock.weekday(day) end
---true if text is a real day "YYYY-MM-DD".
function clock.is_day(text) end

---@class host.calendar                          # require "host.calendar"; days come from the point `calendars`
local calendar = {}
---@return boolean
function calendar.is_workday(day) end
---@return Day
function calendar.add_workdays(day, n) end
---Deadline of an n-working-day limit (L13): calendar.due{ from = ms, workdays = 1, cutoff = "17:00", close = "17:30" }
---@return {at:Ms, day:Day, steps:{day:Day, kind:string, zh:string, en:string}[]}
function calendar.due(o) end

---@class host.vault                             # require "host.vault"
local vault = {}
---Seals text for table.column of row id, under the key of the person it belongs to (0: nobody in particular); the result is bound as BLOB. nil
---stays nil. A person without key gets one, durable at once; for an erased person it raises {zh,en}.
function vault.seal(table, column, id, text, person) end
---The text. Of an erased person: a sentence in the reader's language to show instead, and "erased" as second result.
---@return string?, string?
function vault.open(table, column, id, sealed) end
---The id of a new person, with a key already: many in a row cost few commits.
---@return integer
function vault.person() end
---Erases a person for good: the key is destroyed, file and log are overwritten. Outside db.tx; twice is harmless.
function vault.forget(person) end
---For how many days backups of the key store are kept (site.lua: backup.keys_retention_days).
---@return integer
function vault.retention() end
---Blind index: equal values give equal text. Normalise first. purpose e.g. "mobile", "mobile4". Kept in a column that ends in _index (or, where it is
---only compared, _hash or signature), so that it is remade when the dealership's key is changed.
---@return string
function vault.index(purpose, value) end
---The index, and the one in rows which a change of the dealership's key has not reached: search and compare
---with both (`number_index IN (?, ?)`), write the first.
---@return string, string
function vault.indexes(purpose, value) end
---Mask after domain F6: kind "mobile" 138****8000, "phone" (fixed line: first 4 and last 2), "name" 张*, "plate" 渝A***45, "vin" last 6, "id", "mail".
---@return string
function vault.mask(kind, text) end

---@class host.rules                             # require "host.rules"
local rules = {}
---Evaluates a rule set definition (point, id) over facts; records nothing. Result as core/rules/rules.h: {rule, outcome, because, at, rules, trace, hash}.
function rules.evaluate(point, id, facts) end
---The same, and writes a decision row (in the running transaction): adds `decision` (its id) to the result. subject e.g. {"visit", id}.
---Facts and trace are sealed under the person, if one is given.
function rules.decide(point, id, subject, facts, person) end
---Evaluates one predicate (data as in a definition): true, false or nil (unknown).
---@return boolean?
function rules.test(predicate, facts) end
---The decision row with facts and trace, or nil.
function rules.explain(decision_id) end

---@class host.csv                               # require "host.csv"
local csv = {}
---Opens a table (CSV, tab text, .xlsx; any encoding of K3) inside the site. Errors raise {zh,en}.
---@return Table
function csv.open(path) end
---@class Table
local Table = {}
Table.encoding, Table.delimiter, Table.size = "", "", 0
---Next record: physical line number and fields (strings), or nil at the end.
---@return integer?, string[]?
function Table:next() end
---@return integer  # bytes consumed so far
function Table:position() end
function Table:close() end
---Text of a CSV for Excel (BOM, CRLF, formula guard) from rows of strings and numbers.
---@return string
function csv.write(rows) end

---@class host.file                              # require "host.file"; only inside the site's data/files
local file = {}
---@return string?, string?, string?  # content or nil, sentence, CODE
function file.read(name) end
function file.write(name, bytes) end
---BLAKE2b-256 of the content, hex.
function file.hash(name) end
function file.remove(name) end

---@class host.json                              # require "host.json"
local json = {}
---Canonical text. An empty table is {} unless made by json.array{}.
function json.encode(value) end
---At most 4 MiB.
function json.decode(text) end
function json.array(t) end

---require "host.re": PCRE2. re.match(subject, pattern) -> captures (whole match first) or nil; re.test -> boolean; re.gsub(subject, pattern, replacement
---with $1) -> text. Limits raise.
---@class host.re
local re = {}
function re.match(subject, pattern) end
function re.test(subject, pattern) end
function re.gsub(subject, pattern, replacement) end

---@class host.text                              # require "host.text"
local text = {}
---Full-width to half-width, NBSP, U+3000 and line separators to blank, ends trimmed; removed is what nobody sees: controls (but tab and line ends),
---zero-width, directions (U+202A-202E, U+2066-2069).
function text.clean(s) end
---Upper case of ASCII letters, characters counted (UTF-8), cut to n characters.
function text.length(s) end
function text.cut(s, n) end
---The reader's language out of {zh,en} (or the text itself). lang may be given.
function text.pick(t, lang) end

---@class host.mail                              # require "host.mail"
local mail = {}
---Queues a mail in the running transaction; sent after commit, retried with back-off. key makes it unique (same key twice: nothing). Returns true if queued.
function mail.send(o) end   -- { to = "a@b", subject = Text, body = Text, lang = "zh", key = "form:123:opened" }

---@class host.audit                             # require "host.audit": host.audit.write("unmask", "contact:123", "claimed call 2026...")
local audit = {}
function audit.write(what, subject, detail) end

---@class host.counter                           # require "host.counter"
local counter = {}
---Next running number of a series, inside the running transaction: counter.next("03-20261121") -> 1, 2, 3 ... without gaps.
---@return integer
function counter.next(series) end

---@class host.settings                          # require "host.settings"
local settings = {}
---The own plugin's settings: the value of site.lua (settings[plugin][key]), else what the console's form set, else the default in the
---manifest's `settings`.
---@return table
function settings.get() end

---@class host.log                               # require "host.log"
local log = {}
function log.info(...) end
function log.warn(...) end
function log.error(...) end

---require "host.progress": progress(done, total, Text?): only in scripts; shows a bar, keeps the job's row fresh, and is where a cancelled
---script stops (raises). Gives the loop a turn.
local function progress(done, total, what) end

---@class host.session                           # require "host.session"; capability for the plugin that owns the sign-in page
local session = {}
---Checks the password (in the pool; the call waits). ok -> true, the new CSRF token, and the answer will set the cookie. Else nil, Text, CODE:
---"DENIED", or "LIMIT" where this address was wrong too often or too many sign in at once.
function session.sign_in(login, password) end
function session.sign_out() end
function session.set_lang(lang) end
---Changes the actor's own password. nil, Text, CODE on failure.
function session.change_password(old, new) end

---@class host.jobs                              # require "host.jobs"
local jobs = {}
---Queues a script run (as the actor): returns the job's id. params as the script declares.
function jobs.start(script_id, params) end
---{id, script, state = "queued|running|done|failed|cancelled", done, total, what = Text?, result = table?, error = Text?, made_at, ended_at, actor} or nil
function jobs.get(id) end
function jobs.list(limit) end
function jobs.cancel(id) end

---@class host.plugins                           # require "host.plugins"; what is in force, and what is wrong with the folders
local plugins = {}
---{ {id, version, title=Text, hash, from="shipped|pack|site", state="live|broken", since=Ms, problems={ {at=, zh=, en=} } } }
function plugins.list() end
---One plugin's settings as a form shows them: { {key, title=Text, hint=Text?, kind="boolean|integer|number|text|time|choice|list|map|data",
---min?, max?, choices={ {id=, zh=, en=} }?, value, default, from="site|form|default"} }
function plugins.form(plugin) end
---Sets what somebody wrote (text; a list or map one a line), or takes it back (nil); an audit row tells. Raises {zh, en} when it does not fit.
---@param said string?
function plugins.set(plugin, key, said) end
---What the store knows, also of plugins that are off, wait for their tests or were taken back:
---{ {plugin, version, hash, origin, since, actor, why, calls, failures, state="live|trial|held|staged|broken|off", staged=?, held=?, off=?, problems} }
function plugins.states() end
---Versions that were in force, the newest first; of one plugin, or of all: { {plugin, version, hash, origin, began_at, actor, why, ended_at=?, ended_by=?, ended_why=?, calls, failures, trial=?} }
function plugins.history(id) end
---What changed up to a version (nil: the present one) from another (nil: the one before); versions or beginnings of hashes:
---{ plugin, from, to, cut, files={ {path, state="new|gone|changed", hunks={ {at, lines={ {kind="same|out|in", old=?, new=?, text} } } }} } }
function plugins.changes(id, to, from) end
---"disable", "enable" or "rollback" (to: a version, nil: the one before). Only for who holds the role it; in force within 20 ms, audited.
function plugins.act(what, id, to) end

-- ------------------------------------------------------------------------------------------------- define time
-- While a plugin loads it may only declare: run-time functions raise "may only declare while loading".
-- A file in a point folder returns one definition or an array of them. A definition is a table made by a constructor:
--   { id = "...", version = "1.0.0"?, ... data ... } ; functions freeze to {fn = "file#path"}; `at` is set by define.new.

---require "host.amend": changes another plugin's definition by id. A file in amend/ returns
---  amend "menus/main" { set = { ["title.en"] = "..." }, remove = { "items.rice" },
---    insert = { { into = "items", after = "soup", value = m.item "coffee" {...} } }, about = Text? }
---The plugin names the definition's owner in `needs`; what comes out is checked by the engine as if it had been written so.
local function amend(target) end

---@class host.define                            # require "host.define"; for engines' define.lua and for point files
local define = {}
---What a constructor's handle stands for, so that host.amend can put it into another plugin's definition; returns the handle.
function define.stands_for(handle, data) end
---The data of a definition or handle; anything else as it is.
function define.plain(value) end
---"file:line" of the caller `level` levels up (1 = who called the function that calls here).
---@return string
function define.here(level) end
---Marks a table as definition of `point` with id and place (level as in here); returns it. Frozen when its file has been loaded.
function define.new(point, id, data, level) end
---Raises a definition error at the place (all errors of a file stop that file; errors of other files are still reported).
function define.fail(at, zh, en) end
---Adds a problem without stopping.
function define.problem(at, zh, en) end
---Checks a table against a shape: define.check(at, what, data, { title = "text!", weight = "number", zh="string!" ...}): unknown keys, missing (!) keys, wrong
---types become problems. Types: string number integer boolean table text list function predicate any.
function define.check(at, what, data, shape) end

---require "host.predicate": handles and predicates (core/lua/half/predicate.lua): predicate.facts(name, columns), predicate.fact(name, type),
---predicate.is_predicate(v), predicate.is_fact(v), predicate.nearest(word, table): the key of the table that was probably meant, or nil.

---require "host.page": a route. One per file or an array.
---   return page "POST /calls/:id/answer" { who = {"specialist"}, params = { id = "id!", item = "string!", value = "string" },
---     template = "answer.html", menu = { zh="回访", en="Calls", icon="phone", order=10 }?, title = Text?, function(req) return {...} end }
---who: array of roles, or "anyone" (no session), or "user" (any signed-in). params types: string text integer number boolean day id month file list
---(`!` required; "string:64" limits length; default string:4096); anything not declared is refused (400).
---The handler gets req = { params = {...}, method, path, lang, csrf, htmx = boolean, files = { name = {path=, filename=, size=} } } and returns
---   a table: data for the template (JSON if there is no template, or if the client accepts application/json)
---   page.redirect(path) · page.file{ name=, type=, bytes= | path= } · page.status(code, data) · page.trigger(event, detail, data) (htmx HX-Trigger)
---Paths are below /<dealership>; `page "GET !/sign-in"` (with !) stands at the site's root.
---A full page is wrapped by the frame (point `frames`, the console's) unless the request is htmx (HX-Request) or `frame = false`.
---Template names: file beside it in pages/, or any name in the plugin's `parts/` for {{> part}}. Globals in every template: base ("/nanjing"), lang,
---csrf, actor {login,name,roles}, dealership {id,name}, path, today, now_hm.

---require "host.frame": the frame of all pages: frame { template = "frame.html", function(req, page) return data end }; page = {title, menu, plugin}.

---require "host.script": an operator's script:
---   return script "import-dms" { title = Text, who = {"supervisor"}, params = { script.file "file" { title = Text, required = true }, script.day "day" {...} },
---     run = function(params) ... return result_table end, text = function(result) return Text-lines end? }
---Parameter kinds: file (given path is copied into the site, the script sees a name for host.csv/host.file) day month string integer number boolean choice.
---From the command line: forecourt run ID --NAME VALUE [--json]. Without --json `text(result)` is printed, with --json progress goes to stderr, `lines` of the result
---(if it has that key: an array) are printed one JSON object per line, and the last line is the JSON of `summary` (if it has that key) or of the result.
