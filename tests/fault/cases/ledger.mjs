// kill -9 at random moments under load, against a ledger kept outside: every acknowledged write is there once, none is half.
import { assert, long, pause, serve } from "../lib.mjs";
import { ledgerSite, realTime, reckon, scriptWriter, sound, writers } from "../ledger.mjs";
import { Shim, missing } from "../shim.mjs";

const CLIENTS = 16;

// Every other life has a slow disk: what was told too early is then not yet written when the host dies.
function slowDisk() {
  if (missing()) return undefined;
  const shim = new Shim("*/data/nanjing.db-wal");
  shim.order({ at: 1, times: 1e12, what: "slow", error: 2000 });
  return shim.env;
}

// One life of the host, with a script that writes to the same file when `beside`. Both are killed at the same moment.
async function oneLife(dir, run, beside, kept, slow) {
  const began = Date.now();
  const script = beside && scriptWriter(dir, String(run), kept);
  const host = await serve(dir, { workers: 1, env: { ...realTime, ...(run % 2 ? slow : {}) } });
  const up = Date.now() - began;
  if (script) await script.begun;
  return { host, script, up };
}

async function killed(life, run, kept, ms) {
  const over = {}, refused = [];
  const all = writers(life.host, run, CLIENTS, kept, over, refused);
  await pause(ms);
  if (life.script) life.script.child.kill("SIGKILL");
  await life.host.stop("SIGKILL");
  over.over = true;
  await all;
  if (life.script) await life.script.ended;
  assert(refused.length === 0, "a write was refused: " + JSON.stringify(refused[0]));
}

async function kills(n, beside) {
  const dir = ledgerSite(), slow = slowDisk();
  let acknowledged = 0, more = 0, slowest = 0, last = [];
  for (let run = 0; run <= n; run++) {
    const kept = [];
    const life = await oneLife(dir, run, beside && run < n, kept, slow);
    slowest = Math.max(slowest, life.up);
    // The host that was just started has recovered the file; a shell that came before it would have done so in its place.
    if (run) more += reckon(dir, last, run - 1, `kill ${run}:`) - last.length;
    if (run === n) {
      await life.host.stop();
      break;
    }
    await killed(life, run, kept, 10 + Math.random() * 70);
    acknowledged += kept.length;
    last = kept;
    if (run % 100 === 99) sound(dir, `kill ${run + 1}:`);
  }
  sound(dir);
  assert(acknowledged > n, "writes: " + acknowledged);
  return `${n} kills, ${acknowledged} acknowledged, 0 lost, 0 half, ${more} more were kept, slowest start ${slowest} ms`;
}

export default {
  "kill -9 under load, one process": () => kills(long ? 1000 : 15, false),
  "kill -9 under load, a script writes too": () => kills(long ? 300 : 5, true),
};
