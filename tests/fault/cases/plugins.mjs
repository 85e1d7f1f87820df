// Plugins that are wrong or wicked: every problem is a sentence with file and line, in check, in the log and in the console; the others live on.
const survey = (body) => `local q = require "survey.define"
local a = q.rate "a" { zh = "甲", en = "A" }
local b = q.yesno "b" { zh = "乙", en = "B" }
${body}
`;
const manifest = (id, more = "") => `return { id = "${id}", version = "1.0.0", needs = { survey = "1" }, uses = { "host.db" }${more} }\n`;

function checked(lib, files, zh, en, id = "bad", plugin_lua = manifest("bad")) {
  const dir = lib.site();
  lib.plugin(dir, id, files, plugin_lua);
  lib.says(["check", "--site", dir], 1, zh, en);
  const serve = lib.run(["eval", "--site", dir, 'return #require("host.point")("pages")']);
  lib.equal(0, serve.code, "the other plugins are in force: " + serve.err);
  lib.assert(+serve.out > 40, "pages in force: " + serve.out);
  return dir;
}

// A host with two pages: one that misbehaves, and one of another plugin that must go on answering.
async function withPage(lib, body, more = {}) {
  const dir = lib.site();
  lib.plugin(dir, "wicked", { "pages/p.lua": lib.pageOf("GET !/wicked", body), "pages/ok.lua": lib.pageOf("GET !/wicked-ok", 'return { ok = true }'),
    "migrations/0001_row.sql": "CREATE TABLE wicked_row (id INTEGER PRIMARY KEY) STRICT;\n", ...more });
  lib.plugin(dir, "good", { "pages/p.lua": lib.pageOf("GET !/good", "return { ok = true }") });
  return lib.serve(dir);
}

const json = { headers: { Accept: "application/json" } };

// The page answers 500 with the number of the call; the log has the number, the plugin and the line; the next request works again.
async function contained(lib, body, line, what) {
  const host = await withPage(lib, `  if req.path == "/wicked" then\n${body}\n  end`);
  const before = host.cpu();
  const slow = lib.ask(host.port, "GET", "/wicked", json);
  slow.catch(() => {});
  const others = await Promise.all(Array.from({ length: 20 }, () => lib.ask(host.port, "GET", "/good", json)));
  for (const o of others) lib.equal(200, o.status, "another request meanwhile");
  const got = await slow;
  lib.assert(host.cpu() - before < 1250, `took ${host.cpu() - before} ms of CPU`);
  lib.equal(500, got.status, got.text);
  const number = (/\d{15,}/.exec(got.text) || [])[0];
  lib.assert(number, "the number of the call: " + got.text);
  lib.assert(!/\.lua/.test(got.text), "no inner text in the answer: " + got.text);
  await host.logs(new RegExp(`wicked.*${number}.*plugins/wicked/pages/p\\.lua:${line}`));
  lib.match(what, host.log, "the log");
  lib.equal(200, (await lib.ask(host.port, "GET", "/wicked-ok", json)).status, "the same plugin's next request");
  lib.equal(500, (await lib.ask(host.port, "GET", "/wicked", json)).status, "again");
  lib.equal(200, (await lib.ask(host.port, "GET", "/good", json)).status, "the other plugin");
  lib.assert(host.alive(), "the host");
  return host;
}
const only = async (...args) => void (await contained(...args));

export default {
  "work outside the database in a body of db.tx is found before it runs": (lib) => {
    const dir = lib.site();
    const body = `  local db, file = require "host.db", require "host.file"
  return { n = db.tx(function()
    file.write("note.txt", "x")
    return 1
  end) }`;
    lib.plugin(dir, "noted", { "pages/p.lua": lib.pageOf("GET !/noted", body) });
    lib.says(["check", "--site", dir], 1, /plugins\/noted\/pages\/p\.lua:5: db\.tx 里只能使用数据库.*host\.file\.write/, /plugins\/noted\/pages\/p\.lua:5: inside db\.tx only the database.*host\.file\.write/);
  },
  "a questionnaire whose questions go in a circle": (lib) => {
    checked(lib, { "questionnaires/q.lua": `local q = require "survey.define"
local predicate = require "host.predicate"
local b_fact = predicate.fact("b", "text")
local a = q.rate "a" { zh = "甲", en = "A", show_if = b_fact:is "no" }
local b = q.yesno "b" { zh = "乙", en = "B", show_if = a:le(6) }
return q.questionnaire "circle" { version = "1.0.0", about = "visit", via = "phone", title = { zh = "问卷", en = "Sheet" }, q.section "s" { a, b } }
` }, /plugins\/bad\/questionnaires\/q\.lua:\d+: .*(圈|循环|后面|之后|之前)/, /plugins\/bad\/questionnaires\/q\.lua:\d+: .*(circle|later|before|after)/);
  },
  "show_if on a later question": (lib) => {
    checked(lib, { "questionnaires/q.lua": survey(`local c = q.text "c" { zh = "丙", en = "C", show_if = b:is "no" }
return q.questionnaire "later" { version = "1.0.0", about = "visit", via = "phone", title = { zh = "问卷", en = "Sheet" }, q.section "s" { a, c, b } }`) },
      /q\.lua:\d+: .*(后面|之后|之前)/, /q\.lua:\d+: .*(later|before|after)/);
  },
  "an unknown fact": (lib) => {
    checked(lib, { "exclusions/x.lua": `local e = require "callback.define"\nlocal f = e.facts "visit"\nreturn e.exclusions "mine" { version = "1.0.0", e.rule "x" { when = f.ammount:gt(5), kind = "no_call", because = { zh = "无", en = "none" } }, e.otherwise { because = { zh = "无", en = "none" } } }\n` },
      /plugins\/bad\/exclusions\/x\.lua:3: .*'ammount'.*'amount'/, /plugins\/bad\/exclusions\/x\.lua:3: .*'ammount'.*did you mean 'amount'/, "bad", 'return { id = "bad", version = "1.0.0", needs = { callback = "1" } }\n');
    checked(lib, { "questionnaires/q.lua": survey(`return q.questionnaire "x" { version = "1.0.0", about = "visit", via = "phone", title = { zh = "问卷", en = "Sheet" }, q.section "s" { a, b },
  q.unhappy { when = a:le(4), serious = require("host.predicate").fact("nosuch", "text"):is "x" } }`) }, /q\.lua:\d+: .*nosuch/, /q\.lua:\d+: .*nosuch/);
  },
  "all problems of one run, each with its place": (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "bad", { "pages/a.lua": "return 1 +\n", "pages/b.lua": "local x = nowhere.y\n", "pages/c.lua": 'return require "host.page" "GET /c" { function() end }\n', "wrong/d.lua": "return {}\n",
      "locale/zh.lua": 'return { only_zh = "x" }\n', "locale/en.lua": "return {}\n", "parts/x.html": "{{#a}}\n" });
    for (const lang of ["zh", "en"]) {
      const got = lib.run(["check", "--site", dir], { env: { FORECOURT_LANG: lang } });
      for (const place of ["pages/a.lua:2", "pages/b.lua:1", "pages/c.lua:1", "wrong/d.lua", "locale/en.lua", "parts/x.html:1"]) lib.assert(got.out.includes("plugins/bad/" + place), `${place} is missing in:\n${got.out}`);
      for (const line of got.out.trim().split("\n")) lib.match(/^[^\s:]+(:\d+)?: ./, line, "file:line: sentence");
    }
    const rows = lib.run(["check", "--json", "--site", dir]).out.trim().split("\n").map(JSON.parse);
    lib.assert(rows.length >= 6 && rows.every((r) => r.zh && r.en && r.at && r.plugin), "json rows");
  },
  "two plugins with one id": (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "one", {}, 'return { id = "twin", version = "1.0.0" }\n');
    lib.plugin(dir, "two", {}, 'return { id = "twin", version = "1.0.0" }\n');
    lib.says(["check", "--site", dir], 1, /plugins\/two\/plugin\.lua:\d+: .*'twin'.*plugins\/one.*plugins\/two/, /plugins\/two\/plugin\.lua:\d+: .*'twin'.*plugins\/one.*plugins\/two/);
    lib.plugin(dir, "survey", {}, 'return { id = "survey", version = "9.0.0" }\n');
    lib.says(["check", "--site", dir], 1, /'survey'/, /'survey'/);
  },
  "a manifest that loops, eats memory, calls out, is no table, is bytecode": (lib) => {
    const loop = /plugins\/bad\/plugin\.lua:\d+:/;
    const cases = [["while true do end", /时间|死循环/, /time budget/], ["local t = {} for i = 1, 1e9 do t[i] = { i } end return t", /内存|时间/, /memory|time/], ['os.execute("touch /tmp/x")', /os/, /os/], ["return 5", /返回一个表/, /return a table/],
      ["\x1bLuaS\x00", /./, /binary|text/], ["return {", /./, /expected/], ['return { id = "Bad Id", version = "1.0.0" }', /id/, /id/], ['return { id = "bad", version = "1.0.0", usess = {} }', /usess/, /usess/],
      ['return { id = "bad", version = "1.0.0", needs = { nowhere = "1" } }', /nowhere/, /nowhere/], ['return { id = "bad", version = "1.0.0", uses = { "host.nowhere" } }', /host\.nowhere/, /host\.nowhere/]];
    for (const [text, zh, en] of cases) {
      const dir = lib.site();
      lib.plugin(dir, "bad", {}, text);
      lib.says(["check", "--site", dir], 1, new RegExp(loop.source + ".*(" + zh.source + ")"), new RegExp(loop.source + ".*(" + en.source + ")"));
    }
  },
  "plugins that need each other in a circle": (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "ring-a", {}, 'return { id = "ring-a", version = "1.0.0", needs = { ["ring-b"] = "1" } }\n');
    lib.plugin(dir, "ring-b", {}, 'return { id = "ring-b", version = "1.0.0", needs = { ["ring-a"] = "1" } }\n');
    lib.says(["check", "--site", dir], 1, /ring-a\/plugin\.lua:\d+: .*圈/, /ring-a\/plugin\.lua:\d+: .*circle/);
  },
  "a plugin that loops while it loads": (lib) => {
    const dir = checked(lib, { "pages/p.lua": "while true do end\n" }, /plugins\/bad\/pages\/p\.lua:1: .*时间/, /plugins\/bad\/pages\/p\.lua:1: .*time budget/, "bad", 'return { id = "bad", version = "1.0.0" }\n');
    checked(lib, { "pages/p.lua": 'for _ = 1, 3 do pcall(function() while true do end end) end return {}\n' }, /p\.lua:1: .*时间/, /p\.lua:1: .*time budget/, "bad", 'return { id = "bad", version = "1.0.0" }\n');
    checked(lib, { "define.lua": "local M = {}\nfunction M.check() while true do end end\nreturn M\n", "own/x.lua": 'return require("host.define").new("own", "x", {}, 1)\n', "pages/p.lua": 'require "bad.define" return require "host.page" "GET /q" { who = "anyone", function() end }\n' },
      /bad\/define\.lua:2: .*时间/, /bad\/define\.lua:2: .*time budget/, "bad", 'return { id = "bad", version = "1.0.0", opens = { own = "own" } }\n');
    return void dir;
  },
  "a plugin that eats memory while it loads": (lib) => {
    checked(lib, { "pages/p.lua": "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(100) .. i end\n" }, /bad\/pages\/p\.lua.*(内存|时间)/, /bad\/pages\/p\.lua.*(memory|time)/, "bad", 'return { id = "bad", version = "1.0.0" }\n');
  },
  "a page that loops": (lib) => only(lib, "while true do end", 4, /时间预算/),
  "a page that loops and swallows errors": (lib) => only(lib, "while true do pcall(function() while true do end end) end", 4, /时间预算/),
  "a page that loops in coroutines": (lib) => only(lib, "while true do coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end)() end", 4, /时间预算/),
  "a page that loops while an error is handled": (lib) => only(lib, "xpcall(function() error('x') end, function() while true do end end)", 4, /时间预算/),
  "a page that loops while it is closed": (lib) => only(lib, "local c <close> = setmetatable({}, { __close = function() while true do end end })\nwhile true do end", "[45]", /时间预算/),
  "a page that eats memory": (lib) => only(lib, "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", 4, /内存超过上限|时间预算/),
  "a page that eats memory and swallows the error": (lib) => only(lib, "local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(100000) .. #t end end) end", 4, /内存超过上限|时间预算/),
  // A read goes to the pool, where it may take its time without holding anybody up; it ends at its limit, or when its reader has left.
  "a page that waits in SQL": async (lib) => {
    const sql = '"WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i AS m FROM r ORDER BY i % 7 LIMIT 1"';
    const host = await withPage(lib, `  if req.path == "/wicked" then\nreturn { v = require("host.db").one(${sql}) }\n  end`);
    const left = lib.ask(host.port, "GET", "/wicked", { ...json, timeout: 1000 }).catch(() => "left");
    const slow = lib.ask(host.port, "GET", "/wicked", { ...json, timeout: 60000 });
    for (let i = 0; i < 100; i++) lib.equal(200, (await lib.ask(host.port, "GET", "/good", json)).status, "another request meanwhile");
    await lib.signIn(host.port, "sun");
    lib.equal("left", await left, "who left");
    lib.equal(500, (await slow).status, "at its limit");
    await host.logs(/查询超过了 20 秒/);
    const spent = host.cpu();
    await new Promise((later) => setTimeout(later, 500));
    lib.assert(host.cpu() - spent < 250, "nothing goes on behind");
    const told = host.log.split("\n").filter((line) => / GET !?\/wicked：/.test(line));
    lib.assert(told.length === 1 && told[0].includes("查询超过了 20 秒"), "of who left nothing is told, and his query did not go on to its limit: " + told.join("\n").slice(0, 500));
    lib.equal(200, (await lib.ask(host.port, "GET", "/wicked-ok", json)).status, "the same plugin's next request");
  },
  "a page that loops in a transaction leaves nothing": async (lib) => {
    const host = await contained(lib, `local db = require "host.db"\ndb.tx(function() db.run("INSERT INTO wicked_row (id) VALUES (?)", db.id())\nwhile true do end end)`, 5, /时间预算/);
    lib.equal(0, lib.sql(host.dir, "SELECT count(*) AS n FROM wicked_row")[0].n, "rows");
    const person = await lib.signIn(host.port, "sun");
    lib.equal(200, (await person.get("/nanjing/")).status, "the store can be written");
  },
  "an export that loops ends its caller, and both live again": async (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "callee", { "exports.lua": "local M = {}\nfunction M.loop() while true do end end\nfunction M.eat() local t, s = {}, ('x'):rep(4000000) for i = 1, 1e9 do t[i] = s .. i end end\nfunction M.ok() return 1 end\nreturn M\n" });
    lib.plugin(dir, "caller", { "pages/p.lua": 'local page = require "host.page"\nlocal callee = require "callee"\nlocal function of(path, fn) return page("GET !" .. path) { who = "anyone", fn } end\n' +
      'return { of("/x/loop", function() callee.loop() end), of("/x/eat", function() callee.eat() end), of("/x/swallow", function() pcall(callee.eat) return { v = 1 } end), of("/x/ok", function() return { v = callee.ok() } end) }\n' },
      'return { id = "caller", version = "1.0.0", needs = { callee = "1" } }\n');
    const host = await lib.serve(dir);
    for (const path of ["loop", "eat", "swallow"]) {
      const got = await lib.ask(host.port, "GET", "/x/" + path, json);
      lib.equal(path === "swallow" ? 200 : 500, got.status, path + " " + got.text + host.log);
      const again = await lib.ask(host.port, "GET", "/x/ok", json);
      lib.equal(200, again.status, `after ${path}: ${again.text} ${host.log.slice(-600)}`);
    }
  },
  "the frame of all pages fails and comes back": async (lib) => {
    const own = lib.ownHost();
    const frame = lib.join(own, "share/forecourt/plugins/console/frames/main.lua");
    const dir = lib.site();
    const host = await lib.serve(dir, { host: own });
    const sun = await lib.signIn(host.port, "sun");
    lib.equal(200, (await sun.get("/nanjing/me")).status, "before");
    const text = lib.read(frame);
    lib.write(frame, text.replace(/frame \{([\s\S]*?)function\((.*?)\)/, "frame {$1function($2) while true do end"));
    lib.assert(lib.read(frame) !== text, "the frame was changed");
    await host.logs(/替换了/);
    const got = await sun.get("/nanjing/me");
    lib.assert([200, 500].includes(got.status), "status " + got.status);
    lib.equal(200, (await lib.ask(host.port, "GET", "/healthz")).status, "healthz");
    lib.write(frame, text);
    await lib.eventually(async () => (await sun.get("/nanjing/me")).status === 200 && /<nav|navbar/.test((await sun.get("/nanjing/me")).text), "the frame is whole again");
  },
  "what a plugin made of another's definition is found by its hash when the plugin is gone": async (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "mine", { "questionnaires/mine.lua": survey('return q.questionnaire "mine" { version = "1.0.0", about = "visit", via = "phone", title = { zh = "甲", en = "A" }, q.section "s" { title = { zh = "甲", en = "A" }, a, b } }') },
      manifest("mine"));
    lib.plugin(dir, "theirs", { "amend/mine.lua": 'local q = require "survey.define"\nreturn require "host.amend" "questionnaires/mine" { insert = { { into = "sections.s.items", value = q.yesno "c" { zh = "丙", en = "C" } } } }\n' },
      'return { id = "theirs", version = "1.0.0", needs = { survey = "1", mine = "1" } }\n');
    const ask = (code) => { const got = lib.run(["eval", "--site", dir, code]); lib.equal(0, got.code, got.err); return JSON.parse(got.out); };
    const now = 'return require "host.definition" ("questionnaires", "mine").hash';
    const amended = ask(now);
    lib.rmSync(lib.join(dir, "plugins/theirs"), { recursive: true });
    lib.assert(ask(now) !== amended, "without it the definition is another");
    lib.equal(3, ask(`return #require "host.definition" "${amended}".data.sections[1].items`), "what calls were made with:");
  },
};
