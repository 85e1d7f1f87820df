// Four busy workers on one file take turns: nobody starves. How long a writer waits depends on the machine, so that is told, not judged.
import { assert, eventually, long, pause, read, serve } from "../lib.mjs";
import { agent, keep, ledgerSite, realTime, reckon, sound } from "../ledger.mjs";

const WORKERS = 4;

async function busy(host, w, clients, until, waits, kept) {
  const one = async (c) => {
    const own = agent();
    for (let n = 0; Date.now() < until; n++) {
      const key = `w${w}.o${c}-${n}`, began = performance.now(), got = await keep(host.port, key, { agent: own });
      assert(got.status === 200, `worker ${w}: ${got.status} ${got.text.slice(0, 200)}`);
      waits.push(performance.now() - began);
      kept.push(key);
    }
    own.destroy();
  };
  await Promise.all(Array.from({ length: clients }, (_, c) => one(c)));
}

// Four of one supervisor behind one socket: whoever is free answers.
async function together(clients, ms) {
  const dir = ledgerSite(), kept = [], waits = [];
  const host = await serve(dir, { workers: WORKERS, env: realTime });
  await eventually(() => host.http().length === WORKERS, "four workers", 20000);
  await pause(300);
  const cpu = () => host.http().map((pid) => +read(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ")[11]);
  const before = cpu();
  await busy(host, 0, clients, Date.now() + ms, waits, kept);
  const worked = cpu().filter((c, i) => c > before[i]).length;
  assert(worked > 1, "one worker did everything");
  await host.stop();
  reckon(dir, kept);
  sound(dir);
  const all = waits.sort((a, b) => a - b), at = (p) => all[Math.min(all.length - 1, Math.floor(all.length * p))].toFixed(1);
  return `${kept.length} writes by ${worked} workers; a writer waits ${at(0.5)} ms (median), ${at(0.99)} (99th percentile), ${at(1)} at most; to be: 50 at most`;
}

async function turns(clients, ms) {
  const dir = ledgerSite(), hosts = [], kept = [];
  for (let w = 0; w < WORKERS; w++) hosts.push(await serve(dir, { env: realTime }));
  await pause(300); // what each does once after its start
  const until = Date.now() + ms, waits = hosts.map(() => []);
  await Promise.all(hosts.map((host, w) => busy(host, w, clients, until, waits[w], kept)));
  for (const host of hosts) await host.stop();
  const all = waits.flat().sort((a, b) => a - b), mean = all.length / WORKERS, counts = waits.map((w) => w.length);
  assert(Math.min(...counts) >= mean / 2, `one made fewer than half of the mean's turns: ${counts}`);
  reckon(dir, kept);
  sound(dir);
  const at = (p) => all[Math.min(all.length - 1, Math.floor(all.length * p))].toFixed(1);
  return `writes ${counts.join(", ")}; a writer waits ${at(0.5)} ms (median), ${at(0.99)} (99th percentile), ${at(1)} at most; to be: 50 at most`;
}

export default {
  "four workers, one client each": () => turns(1, long ? 20000 : 1500),
  "four workers behind one socket": () => together(32, long ? 20000 : 1500),
  "four workers, eight clients each": () => turns(8, long ? 20000 : 1500),
};
