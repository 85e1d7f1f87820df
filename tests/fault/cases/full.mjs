// The disk is full: writes are refused and say why, reads go on, nothing acknowledged is lost, and the site goes on by itself when there is
// space again.
import { readFileSync } from "node:fs";
import { ask, assert, equal, eventually, isRoot, join, long, rmSync, run, serve, spawnSync, statSync, sql } from "../lib.mjs";
import { fileAlone, keep, ledgerSite, partsOf, realTime, reckon, sound, writers } from "../ledger.mjs";
import { Shim, kinds, missing } from "../shim.mjs";

const FULL = /the disk is full and nothing was written|磁盘已满，未写入任何内容/;
const size = (path) => statSync(path).size;

// The site's data on a disk of its own with `spare` KiB left, beside a ballast file that can be let go.
function smallDisk(dir, spare) {
  if (!isRoot()) return { why: "needs root, to mount a small disk" };
  const data = join(dir, "data"), aside = dir + "-data";
  const used = +spawnSync("du", ["-sk", data], { encoding: "utf8" }).stdout.split("\t")[0];
  const ballast = 8 * 1024;
  spawnSync("mv", [data, aside]);
  spawnSync("mkdir", ["-m", "700", data]);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${used + spare + ballast + 64}k,mode=700`, "tmpfs", data]);
  if (mounted.status !== 0) {
    spawnSync("sh", ["-c", `rmdir '${data}'; mv '${aside}' '${data}'`]);
    return { why: "no mount: " + mounted.stderr };
  }
  equal(0, spawnSync("sh", ["-c", `cp -a '${aside}/.' '${data}/'`]).status, "cp");
  const file = join(data, "ballast");
  return {
    fill: (kib = ballast) => spawnSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1k", `count=${kib}`], { stdio: "ignore" }),
    fillAll: () => spawnSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1k"], { stdio: "ignore" }),
    free: () => rmSync(file, { force: true }),
  };
}

async function sum(host) {
  const got = await ask(host.port, "GET", "/sum", { headers: { Accept: "application/json" } });
  equal(200, got.status, "a read while the disk is full: " + got.text.slice(0, 200));
  return JSON.parse(got.text);
}

// Writes until one is refused; returns that answer.
async function untilRefused(host, name, kept, most = 2000) {
  for (let i = 0; i < most; i++) {
    const key = `${name}.b${i}`, got = await keep(host.port, key);
    if (got.status !== 200) return { key, got };
    kept.push(key);
  }
  throw new Error(`${most} writes and the disk is not full`);
}

async function goesOn(host, name, kept) {
  const began = Date.now();
  await eventually(async () => (await keep(host.port, `${name}.t`)).status === 200, "a write after the space returned");
  kept.push(`${name}.t`);
  return Date.now() - began;
}


export default {
  "writes are refused, reads go on, and so does the site when there is space": async () => {
    const dir = ledgerSite(), why = !isRoot() && "needs root, to mount a small disk", disk = why ? { why } : smallDisk(dir, 1500);
    if (disk.why) return { skip: disk.why };
    disk.fill();
    const host = await serve(dir, { env: realTime }), kept = [], waits = [];
    for (let round = 0; round < (long ? 10 : 2); round++) {
      const { key, got } = await untilRefused(host, `a${round}`, kept);
      assert(got.status >= 500, `a full disk answered ${got.status}`);
      await host.logs(FULL);
      equal("", await partsOf(host.port, key), "what was refused:");
      for (let i = 0; i < 5; i++) {
        const big = await keep(host.port, `b${round}.b${i}`);
        assert(big.status >= 500, `still full, but answered ${big.status}`);
        equal("b", await partsOf(host.port, kept[i]), "what was acknowledged:");
        await sum(host);
      }
      reckon(dir, kept);
      const other = run(["eval", "--site", dir, 'return require("host.db").one("SELECT count(*) AS n FROM ledger_row").n'], { env: { FORECOURT_LANG: "en" } });
      assert(other.code === 0 || (other.code === 1 && /disk/.test(other.err)), `another process: ${other.code} ${other.signal} ${other.err}`);
      disk.free();
      waits.push(await goesOn(host, `c${round}`, kept));
      reckon(dir, kept);
      disk.fillAll();
    }
    await host.stop("SIGKILL");
    disk.free();
    const again = await serve(dir, { env: realTime });
    reckon(dir, kept);
    await goesOn(again, "d", kept);
    await again.stop();
    equal(0, again.code, "exit code");
    reckon(dir, kept);
    sound(dir);
    return `${kept.length} acknowledged, all there; writes again after ${waits.join(", ")} ms`;
  },
  "under load: everybody is told, and nobody wrong": async () => {
    const dir = ledgerSite(), why = !isRoot() && "needs root, to mount a small disk", disk = why ? { why } : smallDisk(dir, 1000);
    if (disk.why) return { skip: disk.why };
    disk.fill();
    const host = await serve(dir, { env: realTime }), kept = [], refused = [], over = {};
    const all = writers(host, "l", 16, kept, over, refused, "ttbo");
    await eventually(() => refused.length > 50, "refusals", 15000);
    disk.free();
    const before = kept.length;
    await eventually(() => kept.length > before + 50, "writes after the space returned");
    over.over = true;
    await all;
    reckon(dir, kept);
    const wrong = refused.filter((r) => r.status < 500);
    equal(0, wrong.length, `refused with ${JSON.stringify(wrong[0])}`);
    const there = sql(dir, "SELECT DISTINCT key FROM ledger_row").map((r) => r.key), told = new Set(refused.map((r) => r.key));
    equal(0, there.filter((k) => told.has(k)).length, "refused and there all the same:");
    await host.stop();
    sound(dir);
    return `${kept.length} acknowledged, ${refused.length} refused`;
  },
  "the log cannot grow from its first page": async () => {
    const dir = ledgerSite(), why = !isRoot() && "needs root, to mount a small disk", disk = why ? { why } : smallDisk(dir, 1000);
    if (disk.why) return { skip: disk.why };
    const host = await serve(dir, { env: realTime }), kept = [];
    disk.fillAll();
    // What lies in the log already is written over; then it must grow.
    const { got } = await untilRefused(host, "a", kept);
    assert(got.status >= 500, `answered ${got.status}`);
    await sum(host);
    disk.free();
    const ms = await goesOn(host, "b", kept);
    reckon(dir, kept);
    await host.stop();
    reckon(dir, kept);
    sound(dir);
    return `writes again after ${ms} ms`;
  },
  "a checkpoint cannot: the log grows, and is copied when there is space": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim("*/data/nanjing.db"), kept = [], wal = join(dir, "data/nanjing.db-wal");
    const host = await serve(dir, { env: { ...shim.env, ...realTime } });
    shim.order({ kinds: kinds.writes, at: 1, times: 1e9, what: "fail", error: "ENOSPC" });
    const write = async (name, n) => {
      for (let i = 0; i < n; i++) {
        const key = `${name}.b${i}`, said = await keep(host.port, key);
        equal(200, said.status, `a write while no checkpoint can: ${said.text.slice(0, 200)}`);
        kept.push(key);
      }
    };
    await write("a", 250);
    assert(shim.hit > 0, "no checkpoint was tried");
    await host.logs(/检查点没有做成/);
    const grown = size(wal), failed = shim.hit;
    assert(grown > 6 << 20, `the log has ${grown} bytes`);
    reckon(dir, kept);
    shim.off();
    await write("b", 3);
    await eventually(() => {
      reckon(fileAlone(dir), kept.slice(0, 250));
      return true;
    }, "the log is copied");
    // Each time that the log is begun anew its head has other salts: when a checkpoint came to its end between two writes, at 32 MiB in any case.
    const head = () => readFileSync(wal).subarray(16, 24).toString("hex"), before = head();
    let rounds = 0;
    while (head() === before && rounds < 1200) await write("c" + rounds++, 1);
    assert(head() !== before, `the log is never begun anew: ${size(wal)} bytes after ${grown}`);
    assert(size(wal) < 36 << 20, `the log has ${size(wal)} bytes`);
    await host.stop();
    reckon(dir, kept);
    sound(dir);
    return `the log had ${grown >> 20} MiB, ${failed} writes failed`;
  },
};
