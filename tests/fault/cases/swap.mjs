// The moment of a change: the process dies at each write, sync and truncation of it, and afterwards all of the old set is in force or all of
// the new one. A thousand changes under load: no call lost, none mixed, memory flat.
import http from "node:http";
import { ask, assert, equal, eventually, join, long, pause, plugin, run, rmSync, scratch, serve, site, spawnSync, sql, write } from "../lib.mjs";
import { sound } from "../ledger.mjs";
import { Shim, missing, some } from "../shim.mjs";

const FILES = "*/data/*.db@(|-wal|-journal|-sums|-unsynced)";
const json = { headers: { Accept: "application/json" } };
const pageText = (v) => `local page, e = require "host.page", require "e"\nreturn page "GET !/v" { who = "anyone", function() return { v = "${v}" .. e.said() } end }\n`;
const enginePart = (v) => `return { said = function() return "${v}" end }\n`;

// An engine, its user and a migration of the user: what changes together.
function put(dir, v) {
  const files = { "plugins/e/plugin.lua": `return { id = "e", version = "${v}.0.0" }\n`, "plugins/e/exports.lua": enginePart(v),
    "plugins/u/plugin.lua": `return { id = "u", version = "${v}.0.0", needs = { e = "*" }, uses = { "host.db" } }\n`, "plugins/u/pages/p.lua": pageText(v) };
  if (v > 1) files["plugins/u/migrations/0001_row.sql"] = "CREATE TABLE u_row (id INTEGER PRIMARY KEY) STRICT;\nINSERT INTO u_row VALUES (1);\n";
  for (const [path, text] of Object.entries(files)) write(join(dir, path), text);
}
function copyOf(dir) {
  const to = join(scratch("copy"), "site");
  equal(0, spawnSync("cp", ["-a", dir, to]).status, "cp");
  return to;
}
const value = async (host) => {
  const got = await ask(host.port, "GET", "/v", json);
  return got.status === 200 ? JSON.parse(got.text).v : got.status;
};

// Old or new, never between: rows, sources, history, audit and tables say the same.
function whole(dir, where) {
  const rows = Object.fromEntries(sql(dir, "SELECT plugin, version FROM host_live_set WHERE plugin IN ('e', 'u')").map((r) => [r.plugin, r.version]));
  equal(rows.e, rows.u, `${where} both changed or neither:`);
  const fresh = rows.u === "2.0.0";
  equal(fresh ? 1 : 0, sql(dir, "SELECT 1 FROM host_plugin_migration WHERE plugin = 'u'").length, `${where} the migration:`);
  equal(fresh ? 1 : 0, sql(dir, "SELECT 1 FROM sqlite_schema WHERE name = 'u_row'").length, `${where} its table:`);
  for (const id of ["e", "u"]) {
    equal(rows[id], sql(dir, `SELECT version FROM host_plugin_history WHERE plugin = '${id}' AND ended_at IS NULL`).map((r) => r.version).join(" "), `${where} the history of ${id}:`);
    equal(sql(dir, `SELECT 1 FROM host_plugin_history WHERE plugin = '${id}'`).length, sql(dir, `SELECT 1 FROM host_audit WHERE subject = '${id}' AND what = 'plugin.live'`).length, `${where} audit rows of ${id}:`);
  }
  equal(0, sql(dir, "SELECT 1 FROM host_live_set WHERE hash NOT IN (SELECT hash FROM host_blob)").length, `${where} rows without their source:`);
  return fresh;
}

// Serves a copy, gives the order to the shim, makes the change and waits until it is made or the process is dead.
async function life(before, shim, order, change, done) {
  const dir = copyOf(before);
  const host = await serve(dir, { env: shim.env });
  await pause(1300); // what it does by itself at its start
  shim.order(order);
  await change(dir);
  await eventually(async () => !host.alive() || (await done(host)), "the change").catch((e) => assert(!host.alive(), e.message));
  if (host.alive()) await pause(60);
  const calls = shim.count;
  shim.off();
  await host.stop("SIGKILL");
  return { dir, calls };
}

async function eachStep(before, change, done, check, end) {
  const shim = new Shim(FILES), calm = await life(before, shim, {}, change, done);
  assert(calm.calls > 2, `calls: ${calm.calls}`);
  check(calm.dir, "without a death:");
  const rounds = some(calm.calls, long ? Infinity : 5);
  for (const at of rounds) {
    const { dir } = await life(before, shim, { at, what: at % 2 ? "kill" : "torn" }, change, done), where = `call ${at} of ${calm.calls}:`;
    check(dir, where);
    sound(dir, where);
    const host = await serve(dir);
    await end(host, dir, where);
    await host.stop("SIGKILL");
    rmSync(join(dir, ".."), { recursive: true, force: true });
  }
  shim.close();
  return `${rounds.length} deaths in ${calm.calls} calls`;
}

const agentOf = (n) => new http.Agent({ keepAlive: true, maxSockets: n });

export default {
  "kill -9 at each step of a reload of two plugins with a migration": async () => {
    if (missing()) return { skip: missing() };
    const before = site("swap");
    put(before, 1);
    equal(0, run(["eval", "--site", before, "return 1"]).code);
    return eachStep(before, (dir) => put(dir, 2), async (host) => (await value(host)) === "22", whole, async (host, dir, where) => {
      await eventually(async () => (await value(host)) === "22", `${where} after the next start`);
      whole(dir, where);
    });
  },
  "kill -9 before anything is written: the old one, and the next start takes the new": async () => {
    const before = site("swap");
    put(before, 1);
    equal(0, run(["eval", "--site", before, "return 1"]).code);
    for (const ms of long ? Array.from({ length: 30 }, (_, i) => i * 4) : [0, 10, 30, 50, 80]) {
      const dir = copyOf(before), host = await serve(dir);
      put(dir, 2);
      await pause(ms);
      await host.stop("SIGKILL");
      whole(dir, `after ${ms} ms:`);
      const again = await serve(dir);
      equal("22", await value(again), `after ${ms} ms and a start:`);
      await again.stop("SIGKILL");
    }
  },
  "kill -9 at each step of going back": async () => {
    if (missing()) return { skip: missing() };
    const before = site("swap");
    put(before, 1);
    equal(0, run(["eval", "--site", before, "return 1"]).code);
    write(join(before, "plugins/e/exports.lua"), enginePart(7));
    equal(0, run(["eval", "--site", before, "return 1"]).code);
    const shim = new Shim(FILES), back = (dir, env) => run(["plugin", "rollback", "e", "--site", dir], { env });
    const calmDir = copyOf(before);
    shim.order({});
    equal(0, back(calmDir, shim.env).code);
    const calls = shim.count, rounds = some(calls, long ? Infinity : 6);
    for (const at of rounds) {
      const dir = copyOf(before), where = `call ${at} of ${calls}:`;
      shim.order({ at, what: "kill" });
      equal("SIGKILL", back(dir, shim.env).signal, where);
      const rows = sql(dir, "SELECT l.hash AS live, h.hash AS history FROM host_live_set l JOIN host_plugin_history h ON h.plugin = l.plugin AND h.ended_at IS NULL WHERE l.plugin = 'e'");
      equal(1, rows.length, where);
      equal(rows[0].live, rows[0].history, where);
      const held = sql(dir, "SELECT hash FROM host_plugin_held WHERE plugin = 'e'"), told = sql(dir, "SELECT 1 FROM host_audit WHERE what = 'plugin.rollback'");
      equal(held.length, told.length, `${where} audit:`);
      const host = await serve(dir);
      equal(held.length ? "11" : "17", await value(host), where);
      await host.stop("SIGKILL");
    }
    shim.close();
    return `${rounds.length} deaths in ${calls} calls`;
  },
  "a thousand reloads under load: no call failed or mixed, memory flat": async () => {
    const dir = site("swap"), rounds = long ? 1000 : 40, warm = long ? 100 : 15;
    plugin(dir, "e", { "exports.lua": enginePart("0"), "define.lua": "return { n = '0' }\n" }, 'return { id = "e", version = "1.0.0" }\n');
    // The text of the definition, the engine's define library and the export have to be of one set.
    const user = 'local page, e = require "host.page", require "e"\nlocal n = require("e.define").n\nreturn page "GET !/v" { who = "anyone", function() return { v = e.said(), n = n } end }\n';
    plugin(dir, "u", { "pages/p.lua": user }, 'return { id = "u", version = "1.0.0", needs = { e = "*" } }\n');
    const host = await serve(dir), agent = agentOf(8), bad = [];
    let asked = 0, over = false, before = 0;
    const worker = async () => {
      while (!over) {
        const got = await ask(host.port, "GET", "/v", { ...json, agent }).catch((e) => ({ status: e.message, text: "{}" }));
        asked++;
        if (got.status !== 200) bad.push(`${got.status} ${got.text.slice(0, 200)}`);
        else if (JSON.parse(got.text).v !== JSON.parse(got.text).n) bad.push("mixed: " + got.text);
        await pause(10);
      }
    };
    const all = Array.from({ length: 5 }, worker);
    for (let i = 1; i <= rounds; i++) {
      // The second is written at once after the first: the two are one change, because the folders are not still between them.
      write(join(dir, "plugins/e/exports.lua"), enginePart(String(i)));
      write(join(dir, "plugins/e/define.lua"), `return { n = '${i}' }\n`);
      await eventually(async () => JSON.parse((await ask(host.port, "GET", "/v", { ...json, agent })).text).v === String(i), `round ${i}: ${host.log.slice(-500)}`, 10000);
      if (i === warm) before = host.rss();
    }
    const grown = host.rss() - before;
    over = true;
    await Promise.all(all);
    agent.destroy();
    assert(bad.length === 0, `${bad.length} of ${asked}: ${bad.slice(0, 3).join("; ")}`);
    assert(grown < (long ? 2 : 4), `memory grew ${grown.toFixed(1)} MiB from ${before.toFixed(1)}`);
    return `${asked} calls, ${rounds} reloads; ${before.toFixed(1)} MiB, ${grown.toFixed(1)} more`;
  },
};
