// The process dies at its N-th write, sync or truncation of a database, or the call fails: afterwards the old state is there or the new one,
// never between.
import { ask, assert, equal, eventually, join, long, match, measured, ownHost, pageOf, pause, plugin, run, rmSync, scratch, serve, site, spawnSync, sql, write } from "../lib.mjs";
import { keep, kindOf, ledgerSite, partsOf, realTime, reckon, sound, whole } from "../ledger.mjs";
import { Shim, kinds, missing, some } from "../shim.mjs";

const FILES = "*/data/*.db@(|-wal|-journal|-sums|-unsynced)";
const most = (short) => (long ? Infinity : short);

// Each death has a copy of the site for itself.
function copyOf(dir) {
  const to = join(scratch("copy"), "site");
  equal(0, spawnSync("cp", ["-a", dir, to]).status, "cp");
  return to;
}

// A verb that ends by itself. `check(dir, died)` looks at what is left, then the verb must succeed on it, then `end(dir)`.
function verbDies(before, args, o, check, end, short) {
  const shim = new Shim(o.files || FILES), options = { ...o, env: { ...shim.env, ...(o.env || {}) } };
  const life = (orders) => {
    const dir = copyOf(before);
    shim.order(orders);
    const got = run(args(dir), options);
    return { dir, got, calls: shim.count };
  };
  const calm = life({});
  equal(0, calm.got.code, calm.got.err);
  assert(calm.calls > 0, "nothing was counted");
  let deaths = 0, errors = 0;
  for (const [what, error, few] of [["kill", "", short], ["torn", "", short], ["fail", "EIO", 2], ["fail", "ENOSPC", 2], ["short", "EIO", 2]]) {
    for (const at of some(calm.calls, most(few))) {
      const { dir, got } = life({ at, what, error });
      const where = `${what} ${error} at call ${at} of ${calm.calls}:`;
      if (what === "kill" || what === "torn") {
        equal("SIGKILL", got.signal, where);
        deaths++;
      } else {
        equal(null, got.signal, `${where} ${got.err}`);
        if (got.code) match(/磁盘|disk/, got.err, where);
        errors += got.code !== 0;
      }
      check(dir, where);
      const again = run(args(dir), o);
      equal(0, again.code, `${where} once more: ${again.err}`);
      sound(dir, where);
      end(dir, where);
      rmSync(join(dir, ".."), { recursive: true, force: true });
    }
  }
  shim.close();
  return `${deaths} deaths and ${errors} errors in ${calm.calls} calls`;
}

const EXTRA = 3;

// Tables that come with their rows: half a file would be a table without them.
function newerHost() {
  const host = ownHost();
  const known = +spawnSync("sh", ["-c", `ls ${join(host, "share/forecourt/schema/dealership")} | grep -c sql`], { encoding: "utf8" }).stdout;
  const rows = Array.from({ length: 40 }, (_, i) => `INSERT INTO fault_N VALUES (${i}, '${"x".repeat(300)}');`).join("\n");
  for (let i = 1; i <= EXTRA; i++) {
    const number = String(known + i).padStart(4, "0");
    write(join(host, "share/forecourt/schema/dealership", `${number}_fault_${i}.sql`),
      `CREATE TABLE fault_N (id INTEGER PRIMARY KEY, t TEXT NOT NULL) STRICT;\n${rows}\nCREATE INDEX fault_N_t ON fault_N (t);\n`.replaceAll("fault_N", "fault_" + i));
  }
  return { host, known };
}

function migratedTo(dir) {
  const tables = sql(dir, "SELECT name FROM sqlite_schema WHERE name LIKE 'fault\\_%' ESCAPE '\\' AND type = 'table'").map((r) => r.name);
  for (const name of tables) {
    equal(40, sql(dir, `SELECT count(*) AS n FROM ${name}`)[0].n, `rows of ${name}`);
    equal(1, sql(dir, `SELECT count(*) AS n FROM sqlite_schema WHERE name = '${name}_t'`)[0].n, `the index of ${name}`);
  }
  return tables.length;
}

// The host dies at the N-th call of what `act` makes it do. Returns what `act` returned.
async function serverDies(dir, shim, orders, act) {
  shim.off();
  const host = await serve(dir, { env: { ...shim.env, ...realTime } });
  shim.order(orders);
  const said = await act(host);
  if (shim.hit) await host.exited;
  const calls = shim.count, died = host.signal === "SIGKILL";
  shim.off();
  await host.stop("SIGKILL");
  return { said, calls, died };
}

const acknowledged = (host, key) => keep(host.port, key).then((got) => got.status === 200, () => false);

export default {
  "start of a new site": () => {
    const why = missing();
    if (why) return { skip: why };
    const before = join(scratch("new"), "site");
    equal(0, run(["init", before, "--name", "新店", "--id", "nanjing", "--login", "boss", "--password-file", "-"], { input: "fault-tests-1\n" }).code, "init");
    return verbDies(before, (dir) => ["eval", "--site", dir, "return 1"], {}, () => {},
      (dir, where) => {
        assert(sql(dir, "SELECT count(*) AS n FROM host_live_set")[0].n > 3, `${where} the live set`);
        equal(0, sql(dir, "SELECT count(*) AS n FROM host_live_set WHERE hash NOT IN (SELECT hash FROM host_blob)")[0].n, `${where} rows without their source:`);
      }, 3);
  },
  "migrations": () => {
    const why = missing();
    if (why) return { skip: why };
    const { host, known } = newerHost();
    return verbDies(site("old"), (dir) => ["eval", "--site", dir, "return 1"], { host },
      (dir, where) => {
        const tables = migratedTo(dir), version = sql(dir, "SELECT max(number) AS n FROM fc_migration")[0].n;
        equal(known + tables, version, `${where} version beside ${tables} new tables:`);
      },
      (dir, where) => equal(EXTRA, migratedTo(dir), where), 4);
  },
  "one write": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(FILES), kept = [];
    await serverDies(dir, shim, {}, (host) => acknowledged(host, "first.t")); // makes the log's first room, which later writes find there
    kept.push("first.t");
    const calm = await serverDies(dir, shim, {}, (host) => acknowledged(host, "calm.t"));
    assert(calm.said && calm.calls > 3, `calls of a write: ${calm.calls}`);
    kept.push("calm.t");
    let there = 0, deaths = 0;
    for (const what of ["kill", "torn"]) {
      for (const at of some(calm.calls, most(6))) {
        const key = `${what}${at}.t`;
        const { said, died } = await serverDies(dir, shim, { at, what }, (host) => acknowledged(host, key));
        if (said) kept.push(key);
        deaths += died;
        const host = await serve(dir, { env: realTime });
        const parts = await partsOf(host.port, key);
        assert(parts === "" || parts === whole[kindOf(key)], `${key}: ${parts}`);
        there += parts !== "";
        await host.stop("SIGKILL");
      }
    }
    assert(deaths > 6, `deaths: ${deaths}`);
    reckon(dir, kept);
    sound(dir);
    return `${deaths} deaths in ${calm.calls} calls, ${there} of them found written`;
  },
  // The commit is whole in the log and was never synced. Who recovers it syncs it first; the others must not take it for a foreign one.
  "several start after a death before the sync": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim("*/data/nanjing.db-wal"), rounds = long ? 20 : 1;
    // The job that signs the audit log may be the one that syncs first: then the row was never written, for all of them alike.
    for (let round = 0, found = 0; found < rounds; round++) {
      assert(round < 3 * rounds + 3, `only ${found} of ${round} were found`);
      const key = `${round}.b`, { died, said } = await serverDies(dir, shim, {}, async (host) => {
        await acknowledged(host, key + "-before"); // begins the log
        shim.order({ kinds: kinds.syncs, at: 1, what: "kill" });
        return acknowledged(host, key);
      });
      assert(died && !said, "it did not die before the sync");
      shim.order({ kinds: kinds.syncs, at: 1, what: "slow", error: 800000 });
      const read = `return require("host.db").all("SELECT part FROM ledger_row WHERE key = '${key}'")`;
      const one = (ms) => pause(ms).then(() => measured(["eval", "--site", dir, read], { env: ms ? {} : shim.env }));
      const answers = await Promise.all([0, 250, 400].map(one)), there = /"part": ?"b"/;
      found += there.test(answers[0].out);
      for (const got of answers) {
        equal(0, got.code, got.err);
        equal(there.test(answers[0].out), there.test(got.out), "what was recovered, to each of them:");
      }
    }
    sound(dir);
  },
  "the end: what the last one out copies into the file": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(FILES), kept = [];
    const life = (name, orders) => serverDies(dir, shim, {}, async (host) => {
      for (let i = 0; i < 5; i++) if (await acknowledged(host, `${name}.t${i}`)) kept.push(`${name}.t${i}`);
      shim.order(orders);
      await host.stop("SIGTERM");
    });
    await life("first", {}); // has more to copy: what is in force
    const calm = await life("calm", {});
    assert(calm.calls > 3, `calls of the end: ${calm.calls}`);
    let deaths = 0;
    for (const what of ["kill", "torn"]) {
      for (const at of some(calm.calls, most(5))) deaths += (await life(what + at, { at, what })).died;
    }
    await (await serve(dir)).stop("SIGKILL");
    reckon(dir, kept);
    sound(dir);
    equal(5 * (2 * some(calm.calls, most(5)).length + 2), kept.length, "acknowledged:");
    assert(deaths > 5, `deaths: ${deaths}`);
    return `${deaths} deaths in ${calm.calls} calls`;
  },
  "the commit of a reload": async () => {
    const why = missing();
    if (why) return { skip: why };
    const before = site("reload"), shim = new Shim(FILES), text = (v) => pageOf("GET !/v", `return { v = "${v}" }`);
    plugin(before, "a", { "pages/p.lua": text("old") });
    equal(0, run(["eval", "--site", before, "return 1"]).code, "the first start");
    const old = sql(before, "SELECT hash FROM host_live_set WHERE plugin = 'a'")[0].hash;
    const served = async (host) => JSON.parse((await ask(host.port, "GET", "/v", { headers: { Accept: "application/json" } })).text).v;
    const change = (dir) => async (host) => {
      write(join(dir, "plugins/a/pages/p.lua"), text("new"));
      await eventually(async () => !host.alive() || (await served(host)) === "new", "the reload").catch((e) => assert(!host.alive(), e.message));
    };
    const first = copyOf(before), calm = await serverDies(first, shim, {}, change(first));
    const fresh = sql(first, "SELECT hash FROM host_live_set WHERE plugin = 'a'")[0].hash;
    assert(calm.calls > 3 && fresh !== old, `calls of a reload: ${calm.calls}`);
    const rounds = some(calm.calls, most(5));
    for (const at of rounds) {
      const dir = copyOf(before);
      await serverDies(dir, shim, { at, what: at % 2 ? "kill" : "torn" }, change(dir));
      const hash = sql(dir, "SELECT hash FROM host_live_set WHERE plugin = 'a'")[0].hash;
      assert(hash === old || hash === fresh, `call ${at}: a live set of neither`);
      equal(0, sql(dir, "SELECT count(*) AS n FROM host_live_set WHERE hash NOT IN (SELECT hash FROM host_blob)")[0].n, `call ${at}: rows without their source:`);
      sound(dir, `call ${at}:`);
      const host = await serve(dir);
      equal("new", await served(host), `call ${at}: after the next start`);
      await host.stop("SIGKILL");
    }
    return `${rounds.length} deaths in ${calm.calls} calls`;
  },
  "a backup": () => {
    const why = missing();
    if (why) return { skip: why };
    if (run(["backup", "--help"]).code !== 0) return { skip: "this host has no backup yet" };
    const before = ledgerSite(), all = "SELECT count(*) AS n FROM host_live_set";
    const rows = sql(before, all)[0].n;
    return verbDies(before, (dir) => ["backup", "--site", dir], { files: "*/site/*" }, (dir, where) => equal(rows, sql(dir, all)[0].n, `${where} the site itself:`), () => {}, 4);
  },
};
