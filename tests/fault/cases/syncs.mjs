// A sync that failed once: the kernel may have thrown the pages away and says "done" the next time. So nothing of that commit is answered with
// success, the process ends, and the next one opens for writing only after it has copied everything into the file and synced that.
import { assert, equal, long, pause, run, serve } from "../lib.mjs";
import { fileAlone, keep, ledgerSite, realTime, reckon, sound, writers } from "../ledger.mjs";
import { Shim, kinds, missing, some } from "../shim.mjs";

const WAL = "*/data/nanjing.db-wal", ALL = "*/data/nanjing.db@(|-wal)";

async function ended(host, ms = 5000) {
  const gone = await Promise.race([host.exited.then(() => true), pause(ms).then(() => false)]);
  assert(gone, "a sync failed and the process goes on\n" + host.log.slice(-800));
  assert(host.code !== 0, "it says that all is well: exit code 0");
  assert(!host.signal, "it died of " + host.signal);
}

// The next start: everything acknowledged was copied into the file before it serves, and it writes.
async function startsAgain(dir, kept, run) {
  const host = await serve(dir, { env: realTime });
  reckon(fileAlone(dir), kept, undefined, "in the file alone:");
  const key = `${run}.t-after`, got = await keep(host.port, key);
  equal(200, got.status, "the next start writes: " + got.text.slice(0, 300));
  kept.push(key);
  reckon(dir, kept);
  await host.stop("SIGKILL");
}

export default {
  "under load: nobody of that commit is told yes": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(WAL), kept = [], rounds = long ? 100 : 3;
    for (let round = 0; round < rounds; round++) {
      shim.off();
      const host = await serve(dir, { env: { ...shim.env, ...realTime } });
      const refused = [], over = {};
      shim.order({ kinds: kinds.syncs, at: 2 + ((round * 7) % 11), what: "fail" });
      const all = writers(host, round, 16, kept, over, refused);
      await ended(host).finally(() => (over.over = true));
      await all;
      equal(1, shim.hit, "failed syncs:");
      for (const r of refused) assert(r.status >= 500, `answered ${r.status}: ${r.text.slice(0, 200)}`);
      await startsAgain(dir, kept, round);
    }
    sound(dir);
    return `${rounds} failed syncs, ${kept.length} acknowledged, all there`;
  },
  "one write: refused, or the connection ends": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(WAL), kept = [];
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    for (let i = 0; i < 3; i++) if ((await keep(host.port, `0.t${i}`)).status === 200) kept.push(`0.t${i}`);
    shim.order({ kinds: kinds.syncs, at: 1, what: "fail" });
    const said = await keep(host.port, "0.t-lost").then((got) => got.status, () => "the connection ended");
    assert(said !== 200, "a write whose sync failed was acknowledged");
    await ended(host);
    await startsAgain(dir, kept, 1);
    equal(4, kept.length, "acknowledged:");
    return `answered: ${said}`;
  },
  "in a checkpoint": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim("*/data/nanjing.db"), kept = [], refused = [], over = {};
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    shim.order({ kinds: kinds.syncs, at: 1, what: "fail" });
    const all = writers(host, 0, 16, kept, over, refused);
    await ended(host, long ? 60000 : 20000).finally(() => (over.over = true));
    await all;
    await startsAgain(dir, kept, 1);
    sound(dir);
    return `${kept.length} acknowledged, all there`;
  },
  "a start whose own checkpoint cannot be synced does not open": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim(ALL), kept = [];
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    for (let i = 0; i < 3; i++) if ((await keep(host.port, `0.t${i}`)).status === 200) kept.push(`0.t${i}`);
    shim.order({ kinds: kinds.syncs, at: 1, what: "fail" });
    await keep(host.port, "0.t-lost").catch(() => {});
    await ended(host);
    shim.order({ kinds: kinds.syncs, at: 1, times: 1000, what: "fail" });
    const failed = run(["eval", "--site", dir, "return 1"], { env: { ...shim.env, FORECOURT_LANG: "en" } });
    assert(failed.code > 0, `a start on a disk that cannot sync: exit code ${failed.code}, ${failed.signal}`);
    assert(/disk/.test(failed.err), failed.err);
    shim.off();
    await startsAgain(dir, kept, 1);
    sound(dir);
  },
};
