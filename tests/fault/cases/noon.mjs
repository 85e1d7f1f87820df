// A rule changes at noon: history, back, off, on; tests before a change, a trial after it; without watching; safe mode; several servers.
import { mkdirSync, renameSync } from "node:fs";
import { join, write, rmSync, equal, assert, match, pause, eventually } from "../lib.mjs";

const json = { headers: { Accept: "application/json" } };
const page = (id, value, body = "") => `local page = require "host.page"\nreturn page "GET !/v/${id}" { who = "anyone", function()\n${body}\nreturn { v = ${JSON.stringify(value)} } end }\n`;
const manifest = (id, version = "1.0.0", more = "") => `return { id = "${id}", version = "${version}"${more} }\n`;
const askFor = (host, id) => host.lib.ask(host.port, "GET", "/v/" + id, json);
async function value(host, id) {
  const got = await askFor(host, id);
  return got.status === 200 ? JSON.parse(got.text).v : got.status;
}
const shows = (host, id, wanted, ms = 8000) => eventually(async () => (await value(host, id)) === wanted, `${id} shows ${wanted}: ${host.log.slice(-800)}`, ms);
const file = (dir, id, path) => join(dir, "plugins", id, path);
const put = (dir, id, v, version = "1.0.0", body = "") => {
  write(file(dir, id, "plugin.lua"), manifest(id, version));
  write(file(dir, id, "pages/p.lua"), page(id, v, body));
};
const plugin = (lib, dir, ...words) => lib.run(["plugin", ...words, "--site", dir]);
const lines = (lib, dir, ...words) => {
  const got = plugin(lib, dir, ...words, "--json");
  equal(0, got.code, words.join(" ") + " " + got.err + got.out);
  return got.out.trim().split("\n").filter(Boolean).map((l) => JSON.parse(l));
};
const state = (lib, dir, id) => lines(lib, dir, "list").find((p) => p.plugin === id)?.state;

async function started(lib, dir, o) {
  const host = await lib.serve(dir, o);
  host.lib = lib;
  return host;
}

// Three versions in force, one after the other.
async function three(lib, more = {}) {
  const dir = lib.site();
  if (more.config) write(join(dir, "site.lua"), lib.read(join(dir, "site.lua")).replace(/\n}\s*$/, `\n  ${more.config},\n}\n`));
  put(dir, "a", "one", "1.0.0");
  const host = await started(lib, dir);
  await shows(host, "a", "one");
  put(dir, "a", "two", "2.0.0");
  await shows(host, "a", "two");
  put(dir, "a", "three", "3.0.0");
  await shows(host, "a", "three");
  return { dir, host };
}
const TEST = (wanted) => `local page = require "a.lib"\ndescribe("a", function() it("says it", function() assert.equal("${wanted}", page.said) end) end)\n`;
const withTest = (dir, said, wanted, more = "") => {
  write(file(dir, "a", "lib.lua"), `return { said = "${said}" }${more}\n`);
  write(file(dir, "a", "tests/a_test.lua"), TEST(wanted));
  write(file(dir, "a", "plugin.lua"), 'return { id = "a", version = "1.0.0" }\n');
  write(file(dir, "a", "pages/p.lua"), 'local page, lib = require "host.page", require "a.lib"\nreturn page "GET !/v/a" { who = "anyone", function() return { v = lib.said } end }\n');
};

export default {
  "history: each version, when, by whom, why; back and forth; audit": async (lib) => {
    const { dir, host } = await three(lib);
    const h = lines(lib, dir, "history", "a");
    equal("3.0.0 2.0.0 1.0.0", h.map((v) => v.version).join(" "), "the newest first:");
    equal("watcher save", `${h[0].actor} ${h[0].why}`);
    equal("replaced", h[1].ended_why);
    for (const v of h) equal(1, lib.sql(dir, `SELECT count(*) AS n FROM host_blob WHERE hash = '${v.hash}'`)[0].n, "its source:");
    equal(0, plugin(lib, dir, "rollback", "a").code);
    await shows(host, "a", "two", 3000);
    equal("held", state(lib, dir, "a"));
    equal(0, plugin(lib, dir, "rollback", "a").code);
    await shows(host, "a", "one", 3000);
    equal(1, plugin(lib, dir, "rollback", "a").code, "there is no earlier one:");
    lib.says(["plugin", "rollback", "a", "--site", dir], 1, /没有更早的版本/, /no earlier version/);
    lib.says(["plugin", "rollback", "nowhere", "--site", dir], 1, /没有插件 'nowhere'/, /no plugin 'nowhere'/);
    lib.says(["plugin", "rollback", "a", "--to", "9.9.9", "--site", dir], 1, /没有用过版本 9.9.9/, /never in force as 9.9.9/);
    write(file(dir, "b", "plugin.lua"), manifest("b")); // a change of others takes back nothing
    await eventually(() => state(lib, dir, "b") === "live", "b");
    equal("one", await value(host, "a"), "what was taken back stays so:");
    equal(0, plugin(lib, dir, "rollback", "a", "--to", "2.0.0").code);
    await shows(host, "a", "two", 3000);
    await host.stop();
    const again = await started(lib, dir);
    equal("two", await value(again, "a"), "after a restart:");
    const enabled = plugin(lib, dir, "enable", "a");
    equal(0, enabled.code);
    if (!/3\.0\.0/.test(enabled.out)) match(/重新检查|looked at again/, enabled.out, "not yet in force:");
    await shows(again, "a", "three", 3000);
    equal(0, plugin(lib, dir, "rollback", "a", "--to", h[2].hash.slice(0, 10)).code);
    await shows(again, "a", "one", 3000);
    put(dir, "a", "four", "4.0.0");
    await shows(again, "a", "four", 3000);
    const who = lib.sql(dir, "SELECT actor, what FROM host_audit WHERE subject = 'a' AND what LIKE 'plugin.rollback'");
    equal(4, who.length, "audit rows:");
    for (const row of who) match(/^cli:/, row.actor);
    match(/\+.*"four"/, plugin(lib, dir, "diff", "a").out);
    match(/-.*"one"/, plugin(lib, dir, "diff", "a", "--from", "1.0.0").out);
  },
  "old sources go: never one in force, of the last twenty contents or of ninety days; kill -9 in between; back still works": async (lib) => {
    const { dir, host } = await three(lib);
    await host.stop();
    const day = 86400000, now = Date.parse("2026-11-21T09:00:00+08:00"), old = now - 100 * day;
    lib.sql(dir, `UPDATE host_plugin_history SET began_at = ${old - day}, ended_at = ${old} WHERE plugin = 'a' AND ended_at IS NOT NULL`);
    // 300 contents of long ago, older than the three that are real; number 290 was in force again last week
    const body = `(SELECT body FROM host_blob WHERE hash = (SELECT hash FROM host_live_set WHERE plugin = 'a'))`;
    const n = (i) => String(i).padStart(6, "0").padEnd(64, "0");
    const hashes = Array.from({ length: 300 }, (_, i) => n(i));
    lib.sql(dir, `INSERT INTO host_blob (hash, kind, body) VALUES ${hashes.map((h) => `('${h}', 'source', ${body})`).join()}`);
    lib.sql(dir, `INSERT INTO host_plugin_history (id, plugin, version, hash, origin, began_at, actor, why, ended_at, ended_by, ended_why) VALUES ${
      hashes.map((h, i) => `(${-1 - i}, 'a', '0.0.${i}', '${h}', 'site', ${old - day}, 'watcher', 'save', ${i === 290 ? now - 7 * day : old}, 'watcher', 'replaced')`).join()}`);
    const left = () => lib.sql(dir, "SELECT hash FROM host_blob WHERE hash LIKE '%000000000000' ORDER BY hash").map((r) => Number(r.hash.slice(0, 6)));
    let again = await started(lib, dir);
    await eventually(() => left().length < 290, "old sources go", 20000);
    await again.stop("SIGKILL");
    assert(left().length > 18, "it was killed when all was done");
    for (const v of ["3.0.0", "2.0.0", "1.0.0"]) equal(1, lib.sql(dir, `SELECT count(*) AS n FROM host_blob b JOIN host_plugin_history h ON h.hash = b.hash WHERE h.plugin = 'a' AND h.version = '${v}'`)[0].n, v);
    again = await started(lib, dir);
    await eventually(() => left().length <= 18, "the rest goes", 20000);
    equal([...Array(17).keys(), 290].join(), left().join(), "the last twenty contents, and what was in force within 90 days:");
    equal("three", await value(again, "a"));
    equal(0, plugin(lib, dir, "rollback", "a").code);
    await shows(again, "a", "two", 3000);
    equal(0, plugin(lib, dir, "rollback", "a", "--to", "1.0.0").code);
    await shows(again, "a", "one", 3000);
    lib.says(["plugin", "rollback", "a", "--to", "0.0.200", "--site", dir], 1, /0\.0\.200.*源代码已不保留/, /source of.*0\.0\.200.*no longer kept/);
    lib.says(["plugin", "diff", "a", "--from", "0.0.200", "--site", dir], 1, /源代码已不保留/, /no longer kept/);
    equal("one", await value(again, "a"), "what could not go back stays:");
    match(/0\.0\.200.*(源代码已不保留|no longer kept)/, plugin(lib, dir, "history", "a").out);
    const it = await lib.signIn(again.port, "it"), text = (await it.get("/nanjing/plugins/a")).text;
    for (const [i, offered] of [[0, true], [16, true], [17, false]]) equal(offered, text.includes(`name="to" value="${n(i).slice(0, 12)}"`), `number ${i} is offered:`);
    await again.stop();
  },
  "the console: versions, what changed between them in colour and escaped, back, off and on; nobody but IT": async (lib) => {
    const { dir, host } = await three(lib);
    put(dir, "a", "<script>alert(1)</script>", "4.0.0");
    await shows(host, "a", "<script>alert(1)</script>");
    const it = await lib.signIn(host.port, "it"), sun = await lib.signIn(host.port, "sun"), zhou = await lib.signIn(host.port, "zhou");
    match(/href="\/nanjing\/plugins\/a"/, (await it.get("/nanjing/plugins")).text);
    const page = await it.get("/nanjing/plugins/a");
    equal(200, page.status, page.text.slice(0, 300));
    for (const v of ["4.0.0", "3.0.0", "2.0.0", "1.0.0"]) assert(page.text.includes(v), v);
    const link = /href="(\/nanjing\/plugins\/a\/changes[^"]*)"/.exec(page.text)[1].replaceAll("&amp;", "&");
    const diff = await it.get(link);
    equal(200, diff.status, diff.text.slice(0, 300));
    match(/fc-diff-in">.*&lt;script&gt;/, diff.text.replaceAll("\n", " "), "escaped:");
    assert(!diff.text.includes("<script>alert"), "a source's text is no HTML");
    match(/fc-diff-out/, diff.text);
    match(/fc-diff-no">3</, diff.text, "line numbers:");
    equal(404, (await it.get("/nanjing/plugins/a/changes?to=9.9.9")).status === 200 ? 200 : 404, "a version that never was:");
    const act = (who, what, more = {}) => who.post("/nanjing/plugins/act", { what, plugin: "a", ...more });
    equal(403, (await act(zhou, "disable")).status, "a specialist:");
    equal(403, (await act(sun, "rollback")).status, "a supervisor:");
    equal(200, (await sun.get("/nanjing/plugins/a")).status, "who may look:");
    match(/value="rollback"/, page.text, "there are earlier versions:");
    assert(!(await it.get("/nanjing/plugins/survey")).text.includes('value="rollback"'), "nothing to go back to is not offered");
    equal(403, (await zhou.get("/nanjing/plugins/a")).status);
    const seen = { from: /name="from" value="([0-9a-f]+)"/.exec(page.text)?.[1] };
    equal(303, (await act(it, "rollback", seen)).status);
    await shows(host, "a", "three", 3000);
    match(/刚被更改/, (await act(await lib.signIn(host.port, "it"), "rollback", seen)).text, "a second person on the same page:");
    await pause(200);
    equal("three", await value(host, "a"), "after two people went back at once:");
    match(/value="enable"[^>]*>[^\n]*放行被退回的版本/, (await it.get("/nanjing/plugins/a")).text, "what was taken back may come again:");
    const held = (await it.get("/nanjing/plugins/a")).text;
    match(/data-held[^>]*>[^\n]*已被退回（it，[-0-9: ]+），改动之前不会启用/, held, "why the folder's content is not in force:");
    put(dir, "a", "mended", "4.1.0");
    await shows(host, "a", "mended");
    assert(!(await it.get("/nanjing/plugins/a")).text.includes('value="enable"'), "what is in force is not to be switched on");
    put(dir, "a", "three", "3.0.0");
    await shows(host, "a", "three");
    put(dir, "a", "<script>alert(1)</script>", "4.0.0");
    equal(303, (await act(it, "disable")).status);
    await eventually(async () => (await value(host, "a")) !== "three", "off");
    equal(303, (await act(it, "enable")).status);
    await shows(host, "a", "<script>alert(1)</script>", 3000);
    equal(422, (await act(it, "explode")).status);
    for (const plugin of ["console", "callback"]) {
      const got = await it.post("/nanjing/plugins/act", { what: "disable", plugin });
      equal(422, got.status, `the console, and what it needs: ${plugin}`);
      match(/工作台离不开/, got.text);
    }
    equal(200, (await it.get("/nanjing/plugins")).status, "the page is there:");
    equal("it", lib.sql(dir, "SELECT actor FROM host_audit WHERE what = 'plugin.rollback'")[0].actor);
  },
  "off and on, while it is served and while it is not; who needs it goes along": async (lib) => {
    const { dir, host } = await three(lib);
    write(file(dir, "b", "pages/p.lua"), page("b", "needs a"));
    write(file(dir, "b", "plugin.lua"), manifest("b", "1.0.0", ', needs = { a = ">=1" }'));
    await shows(host, "b", "needs a");
    equal(0, plugin(lib, dir, "disable", "a").code);
    await eventually(async () => (await value(host, "a")) !== "three", "a is off");
    await eventually(async () => (await value(host, "b")) !== "needs a", "b, too");
    equal("off", state(lib, dir, "a"));
    equal(0, plugin(lib, dir, "disable", "a").code, "what is off already:");
    put(dir, "a", "five", "5.0.0");
    await pause(300);
    assert((await value(host, "a")) !== "five", "a change switches nothing on");
    await host.stop();
    const again = await started(lib, dir);
    assert((await value(again, "a")) !== "five", "nor does a restart");
    equal(0, plugin(lib, dir, "enable", "a").code);
    await shows(again, "a", "five", 3000);
    await shows(again, "b", "needs a", 3000);
    equal(0, plugin(lib, dir, "enable", "a").code, "what is on already:");
    await again.stop();
    equal(0, plugin(lib, dir, "disable", "a").code, "a stopped site:");
    const third = await started(lib, dir);
    assert((await value(third, "a")) !== "five", "off");
    await third.stop();
    equal(0, plugin(lib, dir, "enable", "a").code, "a stopped site:");
    const fourth = await started(lib, dir);
    equal("five", await value(fourth, "a"));
    equal("plugin.disable 2 plugin.enable 2", lib.sql(dir, "SELECT what || ' ' || count(*) AS n FROM host_audit WHERE subject = 'a' AND what IN ('plugin.disable', 'plugin.enable') GROUP BY what ORDER BY what").map((r) => r.n).join(" "));
  },
  "a plugin with tests waits for them; those that fail keep the old one": async (lib) => {
    const dir = lib.site();
    withTest(dir, "one", "one");
    const host = await started(lib, dir);
    await shows(host, "a", "one", 20000);
    withTest(dir, "two", "two");
    await shows(host, "a", "two", 20000);
    match(/已暂存/, host.log, "the log says that it waits:");
    withTest(dir, "three", "two");
    await host.logs(/a\/tests: (测试没有通过|the tests failed)/, 20000);
    equal("two", await value(host, "a"), "the old one:");
    equal("broken", state(lib, dir, "a"));
    match(/expected|two/, lines(lib, dir, "list").find((p) => p.plugin === "a").problems[0].en, "what failed:");
    await host.stop();
    const again = await started(lib, dir);
    equal("two", await value(again, "a"), "after a restart:");
    write(file(dir, "a", "tests/a_test.lua"), TEST("three")); // the test was wrong, the plugin is the same
    await shows(again, "a", "three", 20000);
    withTest(dir, "four", "four", "\nwhile true do end");
    write(file(dir, "a", "tests/a_test.lua"), TEST("four") + "while true do end\n");
    await pause(500);
    equal("three", await value(again, "a"), "a test that loops:");
  },
  "while tests run the console says that it waits, and what is tied waits along": async (lib) => {
    const dir = lib.site();
    withTest(dir, "one", "one");
    write(file(dir, "b", "pages/p.lua"), page("b", "b1"));
    write(file(dir, "b", "plugin.lua"), manifest("b", "1.0.0", ', needs = { a = ">=1" }'));
    write(file(dir, "c", "pages/p.lua"), page("c", "c1"));
    write(file(dir, "c", "plugin.lua"), manifest("c"));
    const host = await started(lib, dir);
    await shows(host, "b", "b1", 20000);
    const slow = `local function wait() local s = 0 for i = 1, 8e8 do s = s + i end return s end\n`;
    withTest(dir, "two", "two");
    write(file(dir, "a", "tests/a_test.lua"), slow + TEST("two").replace('assert.equal', 'wait() assert.equal'));
    write(file(dir, "b", "pages/p.lua"), page("b", "b2"));
    write(file(dir, "c", "pages/p.lua"), page("c", "c2"));
    await shows(host, "c", "c2", 5000); // strangers do not wait
    await eventually(() => state(lib, dir, "a") === "staged", "staged", 5000);
    equal("one b1", `${await value(host, "a")} ${await value(host, "b")}`, "both are as they were:");
    const it = await lib.signIn(host.port, "it");
    match(/data-state="staged"/, (await it.get("/nanjing/plugins")).text, "the console:");
    await shows(host, "a", "two", 30000);
    await shows(host, "b", "b2", 5000);
  },
  "a version that fails more than the one before goes back by itself": async (lib) => {
    const { dir, host } = await three(lib);
    for (let i = 0; i < 30; i++) equal("three", await value(host, "a"));
    put(dir, "a", "bad", "4.0.0", "error('oops')");
    await eventually(async () => (await askFor(host, "a")).status === 500, "the bad one is in force");
    equal("trial", state(lib, dir, "a"));
    for (let i = 0; i < 12; i++) await askFor(host, "a");
    await pause(700);
    equal(500, await value(host, "a"), "no verdict before 20 calls:");
    for (let i = 0; i < 10; i++) await askFor(host, "a");
    await shows(host, "a", "three", 5000);
    await host.logs(/(试用时|on trial)/);
    const three3 = lib.sql(dir, "SELECT hash FROM host_live_set WHERE plugin = 'a'")[0].hash;
    equal(three3, lib.sql(dir, "SELECT detail FROM host_audit WHERE subject = 'a' AND what = 'plugin.trial'")[0]?.detail, "the audit row says to which content:");
    equal("worse", lines(lib, dir, "history", "a")[1].trial);
    const it = await lib.signIn(host.port, "it");
    match(/(试用|trial)/, (await it.get("/nanjing/plugins")).text, "the console:");
    write(file(dir, "b", "plugin.lua"), manifest("b"));
    await eventually(() => state(lib, dir, "b") === "live", "b");
    equal("three", await value(host, "a"), "the bad one is not tried again:");
    await host.stop();
    equal(1, host.log.split("\n").filter((line) => /试用时|on trial/.test(line)).length, "the log tells it once:");
    const again = await started(lib, dir);
    equal("three", await value(again, "a"), "nor after a restart:");
    put(dir, "a", "good", "4.0.1");
    await shows(again, "a", "good");
    put(dir, "a", "bad", "4.0.0", "error('oops')");
    await pause(400);
    equal("good", await value(again, "a"), "the very same content:");
    equal(0, plugin(lib, dir, "enable", "a").code);
    await eventually(async () => (await askFor(again, "a")).status === 500, "who enables it has it");
  },
  "what is said to people is no failure; a version as bad as the one before stays": async (lib) => {
    const { dir, host } = await three(lib);
    put(dir, "a", "strict", "4.0.0", "error({ zh = '不行', en = 'no' })");
    await eventually(async () => (await askFor(host, "a")).status === 422, "the strict one");
    for (let i = 0; i < 40; i++) await askFor(host, "a");
    await pause(700);
    equal(422, await value(host, "a"));
    put(dir, "a", "bad", "5.0.0", "error('always')");
    await eventually(async () => (await askFor(host, "a")).status === 500, "a bad one");
    for (let i = 0; i < 40; i++) await askFor(host, "a");
    await eventually(async () => (await askFor(host, "a")).status === 422, "it went back");
  },
  "killed calls count, and an engine goes back with the user that it broke": async (lib) => {
    const dir = lib.site();
    const engine = (v, body) => {
      write(file(dir, "e", "plugin.lua"), manifest("e", v));
      write(file(dir, "e", "exports.lua"), `return { said = function() ${body} end }\n`);
    };
    engine("1.0.0", 'return "fine"');
    write(file(dir, "u", "plugin.lua"), manifest("u", "1.0.0", ', needs = { e = ">=1" }'));
    write(file(dir, "u", "pages/p.lua"), 'local page, e = require "host.page", require "e"\nreturn page "GET !/v/u" { who = "anyone", function() return { v = e.said() } end }\n');
    const host = await started(lib, dir);
    for (let i = 0; i < 20; i++) equal("fine", await value(host, "u"));
    engine("2.0.0", "while true do end");
    await eventually(async () => (await askFor(host, "u")).status === 500, "the engine loops", 10000);
    for (let i = 0; i < 22; i++) await askFor(host, "u");
    await shows(host, "u", "fine", 5000);
    equal("1.0.0", lines(lib, dir, "list").find((p) => p.plugin === "e").version, "the engine:");
  },
  "a new migration that only adds lets a version go back; one that takes away does not": async (lib) => {
    const dir = lib.site();
    const wanted = 'local page, db = require "host.page", require "host.db"\n';
    const version = (n, body, migrations) => {
      write(file(dir, "m", "plugin.lua"), manifest("m", n, ', uses = { "host.db" }'));
      for (const [name, text] of Object.entries(migrations)) write(file(dir, "m", "migrations/" + name), text);
      write(file(dir, "m", "pages/p.lua"), `${wanted}return page "GET !/v/m" { who = "anyone", function() ${body} end }\n`);
    };
    version("1.0.0", 'return { v = db.one("SELECT count(*) AS n FROM m_row").n }', { "0001_row.sql": "CREATE TABLE m_row (id INTEGER PRIMARY KEY) STRICT;\n" });
    const host = await started(lib, dir);
    await shows(host, "m", 0);
    version("2.0.0", "error('bad')", { "0002_more.sql": "ALTER TABLE m_row ADD COLUMN word TEXT;\n" });
    await eventually(async () => (await value(host, "m")) === 500, "2.0.0");
    for (let i = 0; i < 25; i++) await askFor(host, "m");
    await shows(host, "m", 0, 5000);
    await host.stop();
    const again = await started(lib, dir);
    equal(0, await value(again, "m"), "after a restart:");
    version("3.0.0", "error('bad')", { "0003_less.sql": "ALTER TABLE m_row DROP COLUMN word;\n" });
    await eventually(async () => (await value(again, "m")) === 500, "3.0.0");
    await again.logs(/0003_less\.sql 去掉了/);
    for (let i = 0; i < 25; i++) await askFor(again, "m");
    await pause(500);
    equal(500, await value(again, "m"), "nothing goes back over it:");
    lib.says(["plugin", "rollback", "m", "--site", dir], 1, /0003_less\.sql 去掉了/, /0003_less\.sql takes away/);
    version("4.0.0", 'return { v = 4 }', { "0004_once.sql": "CREATE UNIQUE INDEX m_once ON m_row (id);\n" }); // the old code may put in what is there
    await shows(again, "m", 4);
    lib.says(["plugin", "rollback", "m", "--site", dir], 1, /0004_once\.sql .*不遵守的规则/, /0004_once\.sql .*rules it does not keep/);
  },
  "a version that went back and is also put back in the folder stays through a restart": async (lib) => {
    const dir = lib.site();
    const version = (n, v) => {
      write(file(dir, "m", "plugin.lua"), manifest("m", n, ', uses = { "host.db" }'));
      write(file(dir, "m", "migrations/0001_row.sql"), "CREATE TABLE m_row (id INTEGER PRIMARY KEY) STRICT;\n");
      write(file(dir, "m", "pages/p.lua"), page("m", v));
    };
    version("1.0.0", "one");
    const host = await started(lib, dir);
    await shows(host, "m", "one");
    write(file(dir, "m", "migrations/0002_more.sql"), "ALTER TABLE m_row ADD COLUMN word TEXT;\n");
    version("2.0.0", "two");
    await shows(host, "m", "two");
    equal(0, plugin(lib, dir, "rollback", "m").code);
    await shows(host, "m", "one");
    rmSync(file(dir, "m", "migrations/0002_more.sql"));
    version("1.0.0", "one");
    await pause(300);
    await host.stop();
    const again = await started(lib, dir);
    equal("one", await value(again, "m"), "after a restart:");
  },
  "watch = false: nothing changes until somebody asks, not by a restart, not by a script": async (lib) => {
    const { dir, host } = await three(lib);
    await host.stop();
    write(join(dir, "site.lua"), lib.read(join(dir, "site.lua")).replace(/return\s*{/, "return {\n  watch = false,"));
    const quiet = await started(lib, dir);
    put(dir, "a", "four", "4.0.0");
    await pause(400);
    equal("three", await value(quiet, "a"));
    lib.run(["eval", "--site", dir, "return 1"]);
    equal("three", await value(quiet, "a"), "after another process loaded the site:");
    const asked = plugin(lib, dir, "reload");
    equal(0, asked.code, asked.err + asked.out);
    match(/4\.0\.0/, asked.out, "what changed:");
    equal("four", await value(quiet, "a"));
    match(/^cli:/, lines(lib, dir, "history", "a")[0].actor, "by whom:");
    write(file(dir, "a", "pages/p.lua"), "return (\n");
    const bad = plugin(lib, dir, "reload");
    equal(1, bad.code);
    match(/plugins\/a\/pages\/p\.lua:\d/, bad.out);
    equal("four", await value(quiet, "a"));
    put(dir, "a", "five", "5.0.0");
    await quiet.stop();
    const again = await started(lib, dir);
    equal("four", await value(again, "a"), "a restart looks at no folder:");
    equal(0, plugin(lib, dir, "rollback", "a").code);
    await shows(again, "a", "three", 3000);
    equal(0, plugin(lib, dir, "enable", "a").code);
    await again.stop();
    equal(0, plugin(lib, dir, "reload").code, "a stopped site:");
    const third = await started(lib, dir);
    equal("five", await value(third, "a"));
  },
  "two servers on one site: both change, one writes; the other takes over": async (lib) => {
    const { dir, host } = await three(lib);
    const second = await started(lib, dir);
    equal("three", await value(second, "a"));
    put(dir, "a", "four", "4.0.0");
    await shows(host, "a", "four");
    await shows(second, "a", "four", 2000);
    equal(1, lines(lib, dir, "history", "a").filter((v) => v.version === "4.0.0").length, "rows:");
    await host.stop("SIGKILL");
    put(dir, "a", "five", "5.0.0");
    await shows(second, "a", "five", 5000);
    equal(0, plugin(lib, dir, "rollback", "a").code);
    await shows(second, "a", "four", 3000);
  },
  "trials count the calls of all servers": async (lib) => {
    const { dir, host } = await three(lib);
    const second = await started(lib, dir);
    put(dir, "a", "bad", "4.0.0", "error('oops')");
    for (const h of [host, second]) await eventually(async () => (await askFor(h, "a")).status === 500, "the bad one");
    for (let i = 0; i < 12; i++) for (const h of [host, second]) await askFor(h, "a");
    for (const h of [host, second]) await shows(h, "a", "three", 5000);
  },
  "git in the middle of a checkout is waited for": async (lib) => {
    const { dir, host } = await three(lib);
    mkdirSync(join(dir, ".git"));
    write(join(dir, ".git/index.lock"), "");
    put(dir, "a", "branch", "4.0.0");
    await pause(500);
    equal("three", await value(host, "a"), "while git writes:");
    renameSync(join(dir, ".git/index.lock"), join(dir, ".git/index"));
    await shows(host, "a", "branch", 3000);
  },
  "--safe: the console alone, and it says so; the store is left alone": async (lib) => {
    const { dir, host } = await three(lib);
    await host.stop();
    const rows = () => JSON.stringify(lib.sql(dir, "SELECT * FROM host_live_set ORDER BY plugin"));
    const before = rows();
    lib.plugin(dir, "loop", { "pages/p.lua": "while true do end\n" }, "while true do end\n");
    const child = new (host.constructor)(dir, { safe: true });
    child.lib = lib;
    await child.start();
    assert((await value(child, "a")) !== "three", "no plugin runs");
    const it = await lib.signIn(child.port, "it");
    for (const path of ["/nanjing/plugins", "/nanjing/", "/nanjing/me", "/nanjing/scripts"]) {
      const got = await it.get(path);
      equal(200, got.status, path + got.text.slice(0, 300));
      match(/fc-safe/, got.text, path);
    }
    match(/fc-safe/, (await lib.ask(child.port, "GET", "/sign-in")).text, "the door:");
    equal(before, rows(), "the live set:");
    match(/>a</, (await it.get("/nanjing/plugins")).text, "what the store knows:");
    const off = await it.post("/nanjing/plugins/act", { what: "disable", plugin: "a" });
    equal(303, off.status, off.text.slice(0, 300));
    equal("off", state(lib, dir, "a"));
  },
  "every repair works with every plugin broken": async (lib) => {
    const dir = lib.site(), own = lib.ownHost(), o = { host: own };
    put(dir, "a", "one");
    lib.run(["eval", "--site", dir, "return 1"], o);
    const folders = (of) => lib.readdirSync(join(own, "share/forecourt", of), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name);
    for (const id of folders("plugins")) write(join(own, "share/forecourt/plugins", id, "plugin.lua"), "while true do end\n");
    for (const id of folders("packs")) write(join(own, "share/forecourt/packs", id, "plugin.lua"), "while true do end\n");
    write(join(own, "share/forecourt/scripts/plugin.lua"), "error('broken')\n");
    write(file(dir, "a", "pages/p.lua"), "while true do end\n");
    for (const words of [["list"], ["history"], ["history", "a"], ["disable", "a"], ["enable", "a"]]) equal(0, lib.run(["plugin", ...words, "--site", dir], o).code, words.join(" "));
    const doctor = lib.run(["doctor", "--site", dir], o);
    equal(1, doctor.code);
    match(/plugin\.lua/, doctor.out, "doctor names them:");
    equal(0, lib.run(["user", "list", "--site", dir], o).code, "user:");
    equal(0, lib.run(["migrate", "--plan", "--site", dir], o).code, "migrate --plan:");
    equal(0, lib.run(["key", "show", "--site", dir], o).code, "key:");
    const to = lib.scratch("backup");
    const made = lib.run(["backup", "--site", dir, "--to", to], o);
    equal(0, made.code, "backup: " + made.err);
    const back = join(lib.scratch("restored"), "site");
    const made_file = lib.readdirSync(to).find((f) => f.endsWith(".fcb") && !f.includes("keys"));
    const restored = lib.run(["restore", join(to, made_file), "--to", back, "--key", join(dir, "secrets/master.key")], o);
    assert(restored.code === 0, "restore: " + restored.err + restored.out);
    const host = await started(lib, dir, { host: own });
    equal("one", await value(host, "a"), "the live set comes from the store:");
    equal(0, lib.run(["plugin", "disable", "a", "--site", dir], o).code);
    await eventually(async () => (await value(host, "a")) !== "one", "off");
  },
  "run-time errors name plugin, version, file and line": async (lib) => {
    const { dir, host } = await three(lib);
    put(dir, "a", "bad", "4.5.6", "error('oops')");
    await eventually(async () => (await askFor(host, "a")).status === 500, "the bad one");
    await host.logs(/a 4\.5\.6: 调用 \d+ GET \/v\/a：plugins\/a\/pages\/p\.lua:3: .*oops/);
  },
};
