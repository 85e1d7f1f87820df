// A read or a write of a database fails or is short: a clear error or the right answer, never a wrong one, and life goes on.
import { assert, equal, eventually, long, match, rmSync, run, serve, sql } from "../lib.mjs";
import { fileAlone, keep, kindOf, ledgerSite, partsOf, realTime, reckon, sound, whole, writers } from "../ledger.mjs";
import { Shim, kinds, missing, some } from "../shim.mjs";

const WAL = "*/data/nanjing.db-wal", FILE = "*/data/nanjing.db", ALL = "*/data/*.db@(|-wal)";
const FAULTS = [["fail", "EIO"], ["fail", "ENOSPC"], ["short", "EIO"]];
// SQLite takes a page that cannot be read for a damaged one.
const DISK = /the disk cannot be read or written|the disk is full|the database file is damaged|读写磁盘失败|磁盘已满|数据库文件已损坏/;

export default {
  "each write into the log": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(WAL), kept = [];
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    let refused = 0;
    for (const kind of ["t", "o", "b"]) {
      shim.order({ kinds: kinds.writes });
      equal(200, (await keep(host.port, `calm.${kind}`)).status, "a calm write");
      kept.push(`calm.${kind}`);
      const calls = shim.count;
      for (const [what, error] of FAULTS) {
        for (const at of some(calls, long ? Infinity : 6)) {
          const key = `${what}${error}${at}.${kind}`;
          shim.order({ kinds: kinds.writes, at, what, error });
          const got = await keep(host.port, key);
          if (!shim.hit) equal(200, got.status, `${key}: no fault, for this one took fewer calls`);
          shim.off();
          const parts = await partsOf(host.port, key);
          equal(got.status === 200 ? whole[kindOf(key)] : "", parts, `${key} was answered ${got.status}:`);
          if (what === "short") equal(200, got.status, `${key}: the rest can be written`);
          if (got.status === 200) kept.push(key);
          else refused++;
          const next = `${what}${error}${at}-next.${kind}`;
          equal(200, (await keep(host.port, next)).status, next);
          kept.push(next);
        }
      }
    }
    assert(refused > 0, "nothing was refused");
    match(DISK, host.log, "the log says why:");
    await host.stop("SIGKILL");
    await (await serve(dir)).stop();
    reckon(dir, kept);
    sound(dir);
    return `${refused} refused, ${kept.length} acknowledged`;
  },
  "the log under load, again and again": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(WAL), kept = [], refused = [], over = {};
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    const all = writers(host, "l", 16, kept, over, refused);
    for (let round = 0; round < (long ? 200 : 10); round++) {
      const [what, error] = FAULTS[round % 3];
      shim.order({ kinds: kinds.writes | kinds.truncates, at: 3 + round, times: 1 + (round % 4), what, error });
      await eventually(() => shim.hit > round % 4, "faults", 10000);
    }
    shim.off();
    const before = kept.length;
    await eventually(() => kept.length > before + 20, "writes afterwards");
    over.over = true;
    await all;
    const there = new Set(sql(dir, "SELECT DISTINCT key FROM ledger_row").map((r) => r.key));
    equal(undefined, refused.find((r) => r.status < 500 || there.has(r.key)), "refused, and there all the same:");
    await host.stop();
    reckon(dir, kept);
    sound(dir);
    return `${refused.length} refused, ${kept.length} acknowledged`;
  },
  "writes into the file: a checkpoint fails, nobody is harmed": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(FILE), kept = [], refused = [], over = {};
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    let hits = 0;
    for (const [what, error] of FAULTS) {
      shim.order({ kinds: kinds.writes | kinds.truncates, at: 1, times: 3, what, error });
      over.over = false;
      const all = writers(host, what + error, 8, kept, over, refused, "bbto");
      await eventually(() => shim.hit >= 3, `${what} ${error}: a checkpoint`, 20000);
      over.over = true;
      await all;
      hits += shim.hit;
    }
    shim.off();
    equal(undefined, refused[0], "a write refused because of a checkpoint:");
    await host.stop();
    reckon(fileAlone(dir), kept, undefined, "in the file alone:");
    reckon(dir, kept);
    sound(dir);
    return `${hits} faults, ${kept.length} acknowledged`;
  },
  "each read of a process that starts": () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(ALL);
    sql(dir, "INSERT INTO ledger_row WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 2000) SELECT x, 'k' || x, 'o', printf('%0200d', x) FROM c");
    const ask = (orders) => {
      shim.order({ kinds: kinds.reads, ...orders });
      return run(["eval", "--site", dir, 'return require("host.db").one("SELECT count(*) AS n, sum(length(pad)) AS pads, max(pad) AS last FROM ledger_row")'],
        { env: { ...shim.env, FORECOURT_LANG: "en" } });
    };
    ask({}); // copies the log into the file
    const calm = ask({}), calls = shim.count;
    equal(0, calm.code, calm.err);
    assert(/2000/.test(calm.out) && calls > 20, `calls: ${calls}`);
    let refused = 0;
    for (const [what, error] of [["fail", "EIO"], ["short", "EIO"]]) {
      // A plugin whose stored source cannot be read comes from its folder; the question itself is in the last reads.
      const last = Array.from({ length: 8 }, (_, i) => calls - 7 + i);
      for (const at of long ? some(calls, Infinity) : [...some(calls, 6), ...last]) {
        const got = ask({ at, what, error }), where = `${what} at read ${at} of ${calls}:`;
        equal(1, shim.hit, `${where} faults`);
        if (got.code === 0) {
          equal(calm.out, got.out, where);
          continue;
        }
        equal(1, got.code, `${where} (${got.signal} ${got.err}) exit code`);
        match(/\S/, got.err, `${where} a sentence:`);
        equal("fail", what, `${where} the rest can be read: ${got.err}`);
        match(DISK, got.err, where);
        refused++;
      }
    }
    equal(calm.out, ask({}).out, "afterwards:");
    assert(refused > 0, "nothing was refused");
    return `${calls} reads, ${refused} refused, no wrong answer`;
  },
  "reads of a running site": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(ALL), kept = [];
    // More than the cache holds, so that pages are read again.
    sql(dir, "INSERT INTO ledger_row WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000) SELECT x, 'old.b' || x, 'b', printf('%08000d', x) FROM c");
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    let refused = 0, right = 0;
    for (let i = 0; i < (long ? 2000 : 60); i++) {
      const key = `old.b${1 + ((i * 997) % 3000)}`;
      shim.order({ kinds: kinds.reads, at: 1 + (i % 3), times: 1 + (i % 2), what: i % 4 === 3 ? "short" : "fail" });
      const parts = await partsOf(host.port, key);
      assert(parts === "b" || /^status 5/.test(parts), `${key}: ${parts}`);
      if (parts === "b") right++;
      else refused++;
      shim.off();
      equal("b", await partsOf(host.port, key), `${key}, afterwards`);
    }
    assert(refused > 0 && right > 0, `${refused} refused, ${right} right`);
    equal(200, (await keep(host.port, "a.t")).status, "a write afterwards");
    kept.push("a.t");
    await host.stop();
    equal(0, host.code, "exit code");
    reckon(dir, kept, "a");
    sound(dir);
    rmSync(dir, { recursive: true });
    return `${refused} refused, ${right} right, none wrong`;
  },
};
