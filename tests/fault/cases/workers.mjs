// The supervisor and its workers: whatever becomes of one, the others serve, a new one comes, and nothing acknowledged is lost.
import { ask, assert, password, run, equal, eventually, join, lives, long, match, pageOf, pause, plugin, read, scratch, serve, signIn, site, source, sql, write } from "../lib.mjs";
import { keep, ledgerSite, realTime, reckon, sound, writers } from "../ledger.mjs";
import { Shim, kinds, missing } from "../shim.mjs";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";

const json = { headers: { Accept: "application/json" }, timeout: 30000 };
const page = (id, value) => `local page = require "host.page"\nreturn page "GET !/v/${id}" { who = "anyone", function() return { v = ${JSON.stringify(value)} } end }\n`;
const value = async (host, id) => {
  const got = await ask(host.port, "GET", "/v/" + id, json).catch((e) => ({ status: e.message }));
  return got.status === 200 ? JSON.parse(got.text).v : got.status;
};
const died = (dir) => sql(dir, "SELECT subject, detail FROM host_audit WHERE what = 'worker.died' ORDER BY id").map((r) => `${r.subject}: ${JSON.parse(r.detail).en}`);
const off = (dir) => sql(dir, "SELECT plugin, actor, why FROM host_plugin_off ORDER BY plugin");

// Milliseconds until somebody answers again.
async function answers(host, path = "/healthz") {
  for (const began = performance.now(); ; await pause(2)) {
    const got = await ask(host.port, "GET", path, { timeout: 20000 }).catch(() => null);
    if (got && got.status < 500) return performance.now() - began;
    if (performance.now() - began > 20000) throw new Error("nobody answers: " + host.log.slice(-2000));
  }
}
const newWorker = (host, old) => eventually(() => host.http().length && !host.http().some((pid) => old.includes(pid)) && host.http(), "a new worker", 20000);

// ---- a plugin that takes its process with it

const folder = join(source, "tests/fault/memory");
const memory = (name) => readFileSync(join(folder, name + ".lua"), "utf8");
const oldLua = () => /Lua 5\.4\.[0-7]\b/.test(run(["doctor", "--site", scratch()]).out);
const CRASH = memory("freed-while-stored"), FLOOD = memory("held");
const asPage = (id, text) => `local page = require "host.page"\nreturn page "GET !/attack" { who = "anyone", function()\n${text}\nend }\n`;
const asScript = (id, text) => `local script = require "host.script"\nreturn script "${id}" { title = { zh = "坏脚本", en = "Bad script" }, who = { "it" }, run = function()\n${text}\nend }\n`;

// With people writing all the while. `act` provokes it; afterwards the plugin is off and named, everybody else served.
async function attacked(files, act, { evil = "evil", workers = 1, crashes = true } = {}) {
  const dir = ledgerSite(), kept = [], over = {}, refused = [];
  plugin(dir, "good", { "pages/p.lua": page("good", "well") });
  if (files) plugin(dir, evil, files, `return { id = "${evil}", version = "2.3.4" }\n`);
  const host = await serve(dir, { workers, env: realTime });
  equal("well", await value(host, "good"), "before:");
  const all = writers(host, "w", 4, kept, over, refused);
  try {
    await act(host, dir);
    if (crashes) {
      const row = await eventually(() => off(dir)[0], "it is switched off: " + host.log.slice(-2500), 30000);
      equal(evil, row.plugin);
      match(/evil 2\.3\.4/, JSON.parse(row.why).en, "why");
      assert(JSON.parse(row.why).zh.includes("evil 2.3.4"), row.why);
      match(/evil 2\.3\.4/, died(dir).join("\n"), "the audit log");
    }
    await eventually(async () => (await value(host, "good")) === "well", "the others are served", 20000);
    const key = "w.t-after", got = await eventually(() => keep(host.port, key).catch(() => null), "a write is answered", 20000);
    equal(200, got.status, got.text.slice(0, 300));
    kept.push(key);
  } finally {
    over.over = true;
    await all;
  }
  assert(refused.length === 0, "a write was refused: " + JSON.stringify(refused[0]));
  reckon(dir, kept, "w");
  return { host, dir, kept };
}

// Who is nobody is sent to the door from every address that is not there.
const gone = 401;
const attackPage = async (host) => (await ask(host.port, "GET", "/attack", json)).status;

const evilManifest = (id) => `return { id = "evil-${id}", version = "1.0.0" }\n`;

// All of memory/ but the one that is only slow, one after the other on one site that people work on.
async function everyOne(door, act) {
  const dir = ledgerSite(), kept = [], over = {}, refused = [], fell = [];
  const names = readdirSync(folder).filter((f) => f.endsWith(".lua") && f !== "held.lua").map((f) => f.replace(".lua", ""));
  plugin(dir, "good", { "pages/p.lua": page("good", "well") });
  for (const id of names) {
    const files = door === "page" ? { "pages/p.lua": asPage(id, memory(id)).replace("/attack", "/attack/" + id) } : { [`scripts/${id}.lua`]: asScript(id, memory(id)) };
    if (door !== "load") plugin(dir, "evil-" + id, files, evilManifest(id));
  }
  const host = await serve(dir, { env: realTime }), it = await signIn(host.port, "it");
  await eventually(() => host.workers().length === 2, "both are up");
  const all = writers(host, "m", 4, kept, over, refused);
  const isOff = (id) => off(dir).some((r) => r.plugin === "evil-" + id);
  for (const id of names) {
    const before = died(dir).length, fatal = memory(id).startsWith("-- KILLS") && oldLua();
    for (let i = 0; i < (fatal ? 5 : 1) && !isOff(id); i++) {
      await act(host, id, dir, memory(id), it);
      await answers(host);
      if (fatal) await eventually(() => isOff(id), "", 3000).catch(() => {});
    }
    await eventually(async () => (await value(host, "good")) === "well", id + ": the others are served", 20000);
    assert(!fatal || isOff(id), id + ": nothing fell, though it should on this Lua: " + host.log.slice(-1500));
    if (died(dir).length > before) {
      await eventually(() => isOff(id), `${id}: it took a process along and is not off: ${died(dir).slice(before)}`);
      fell.push(id);
    }
  }
  over.over = true;
  await all;
  assert(host.alive(), "the supervisor died");
  assert(refused.length === 0, "a write was refused: " + JSON.stringify(refused[0]));
  await host.stop();
  reckon(dir, kept, "m");
  sound(dir);
  return `${names.length} scripts, ${fell.length} took a process along (${fell}); ${kept.length} acknowledged, 0 lost`;
}

async function toldWhy(host, dir) {
  const it = await signIn(host.port, "it");
  const text = (await it.get("/nanjing/plugins")).text.replace(/<[^>]*>/g, " ");
  match(/plugin enable evil/, text, "the plugins page");
  assert(text.includes("已停用"), "the plugins page says that it is off");
  await host.stop();
  match(/plugin enable evil/, run(["doctor", "--site", dir]).out, "doctor");
  sound(dir);
}

export default {
  "kill -9 of the worker under load: a new one answers, nothing acknowledged is lost": async () => {
    const dir = ledgerSite(), kept = [], over = {}, refused = [], waits = [], rounds = long ? 100 : 5;
    const host = await serve(dir, { env: realTime });
    const all = writers(host, "k", 16, kept, over, refused);
    for (let i = 0; i < rounds; i++) {
      await pause(300 + Math.random() * 200);
      const old = host.http();
      equal(1, old.length, "workers that take HTTP:");
      process.kill(old[0], "SIGKILL");
      waits.push(await answers(host));
      await newWorker(host, old);
      if (i % 3 === 2) await pause(10500); // not a storm
    }
    over.over = true;
    await all;
    assert(host.alive(), "the supervisor died");
    assert(refused.length === 0, "a write was refused: " + JSON.stringify(refused[0]));
    assert(kept.length > 100, "writes: " + kept.length);
    equal(rounds, died(dir).length, "deaths in the audit log:");
    equal(rounds, read(join(dir, "data/forecourt.log")).split(" error worker: ").length - 1, "deaths in the site's log, which tail follows:");
    equal(0, off(dir).length, "nobody is switched off for somebody's kill -9:");
    equal(200, (await keep(host.port, "k.t-after")).status, "and writes");
    await host.stop();
    reckon(dir, kept, "k");
    sound(dir);
    waits.sort((a, b) => a - b);
    return `${rounds} kills, ${kept.length} acknowledged, 0 lost; answered again after ${waits.map((w) => w.toFixed(0)).join(", ")} ms; to be: 1,000 at most`;
  },
  "kill -9 of the supervisor: nobody is left, the port is free": async () => {
    const dir = ledgerSite(), kept = [], over = {};
    const host = await serve(dir, { workers: 2, env: realTime });
    await eventually(() => host.workers().length === 3, "two that take HTTP and one that does not");
    const pids = host.workers().map((w) => w.pid), all = writers(host, "s", 8, kept, over);
    await pause(300);
    host.child.kill("SIGKILL");
    await host.exited;
    await eventually(() => !pids.some(lives), "workers outlive their supervisor");
    over.over = true;
    await all;
    const again = await serve(dir, { env: realTime, listen: `127.0.0.1:${host.port}` });
    reckon(dir, kept, "s");
    await again.stop();
    sound(dir);
    return `${kept.length} acknowledged`;
  },
  "a worker that stands still is ended, and named; nobody is switched off for it": async () => {
    const dir = ledgerSite(), host = await serve(dir, { env: realTime }), old = host.http(), kept = [];
    equal(200, (await keep(host.port, "f.t1")).status);
    process.kill(old[0], "SIGSTOP");
    const began = Date.now();
    const waiting = keep(host.port, "f.t2", { timeout: 30000 }).then((got) => got.status, () => "the connection ended");
    await newWorker(host, old);
    const after = Date.now() - began;
    assert(after > 4000, `ended after ${after} ms: 5,000 are allowed`);
    await answers(host);
    match(/^http 1: process http 1 \(\d+\) did not turn for 5 s/, (await eventually(() => died(dir)[0], "in the audit log")), "audit");
    equal(0, off(dir).length, "switched off:");
    const said = await waiting;
    if (said === 200) kept.push("f.t2");
    kept.push("f.t1");
    await host.stop();
    reckon(dir, kept, "f");
    return `a new one after ${after} ms; who waited: ${said}`;
  },
  "the one that takes no HTTP stands still or dies: nobody who asks notices": async () => {
    const dir = site(), host = await serve(dir);
    const jobs = () => host.workers().filter((w) => w.kind === "jobs").map((w) => w.pid);
    const first = await eventually(() => jobs()[0], "it is there");
    process.kill(first, "SIGKILL");
    const second = await eventually(() => jobs()[0] !== first && jobs()[0], "a second one");
    await pause(2000); // a start has longer than 5 s
    process.kill(second, "SIGSTOP");
    for (let i = 0; i < 20; i++) equal(200, (await ask(host.port, "GET", "/healthz")).status);
    await eventually(() => jobs()[0] && jobs()[0] !== second, "a third one", 20000);
    await eventually(() => sql(dir, "SELECT count(*) AS n FROM host_audit WHERE seq IS NULL")[0].n === 0, "the audit log is signed", 10000);
    await eventually(() => died(dir).length === 2, "both deaths are in the audit log", 20000);
    await host.stop();
  },
  "it idles for longer than 5 s and lives": async () => {
    const host = await serve(site(), { workers: 2 }), pids = await eventually(() => host.workers().length === 3 && host.workers().map((w) => w.pid).join(), "three");
    await pause(7000);
    equal(pids, host.workers().map((w) => w.pid).join(), "the same workers:");
    await host.stop();
  },
  "TERM: what was begun is answered, nothing is lost, exit 0; a second server has the port at once": async () => {
    const dir = ledgerSite(), kept = [], over = {}, refused = [];
    const host = await serve(dir, { workers: 2, env: realTime });
    const signed = () => sql(dir, "SELECT count(*) AS n FROM host_audit WHERE seq IS NULL")[0].n === 0;
    await eventually(() => host.workers().length === 3 && signed(), "all are up, the audit log is signed", 20000);
    const all = writers(host, "t", 16, kept, over, refused), it = await signIn(host.port, "it");
    await pause(500);
    assert((await it.post("/nanjing/me/password", { old: password, new: "another-one-1", again: "another-one-1" })).status < 400, "something for the audit log");
    await host.stop();
    over.over = true;
    await all;
    equal(0, host.code, "exit code:");
    assert(refused.length === 0, JSON.stringify(refused[0]));
    assert(signed(), "audit rows that are not signed");
    reckon(dir, kept, "t");
    const again = await serve(dir, { env: realTime, listen: `127.0.0.1:${host.port}` });
    await again.stop();
    return `${kept.length} acknowledged`;
  },
  "a storm is slowed, and said": async () => {
    const host = await serve(site(), { env: { FORECOURT_LANG: "en" } });
    for (let i = 0; i < 4; i++) {
      const old = await eventually(() => host.http().length && host.http(), "a worker", 20000);
      process.kill(old[0], "SIGKILL");
      await newWorker(host, old);
    }
    match(/3 deaths one after the other: the next start is in 0\.25 s/, host.log);
    match(/4 deaths one after the other: the next start is in 0\.50 s/, host.log);
    await answers(host);
    await host.stop();
  },
  "a failed sync ends the worker; the next one writes after it has copied everything": async () => {
    const why = missing();
    if (why) return { skip: why };
    const dir = ledgerSite(), shim = new Shim("*/data/nanjing.db-wal"), kept = [];
    shim.off();
    const host = await serve(dir, { workers: 1, env: { ...shim.env, ...realTime } }), old = host.http();
    for (let i = 0; i < 3; i++) if ((await keep(host.port, `e.t${i}`)).status === 200) kept.push(`e.t${i}`);
    shim.order({ kinds: kinds.syncs, at: 1, what: "fail" });
    const said = await keep(host.port, "e.t-lost").then((got) => got.status, () => "the connection ended");
    assert(said !== 200, "a write whose sync failed was acknowledged");
    await newWorker(host, old);
    await answers(host);
    const got = await eventually(() => keep(host.port, "e.t-after").catch(() => null), "it writes again");
    equal(200, got.status, got.text);
    kept.push("e.t-after");
    await eventually(() => /exit 3/.test(died(dir).join()), "in the audit log: " + died(dir));
    await host.stop();
    reckon(dir, kept, "e");
    sound(dir);
  },
  "two workers: sessions, tokens, wrong passwords and a saved rule are everybody's": async () => {
    const dir = site();
    plugin(dir, "a", { "pages/p.lua": page("a", "old") });
    const host = await serve(dir, { workers: 2 });
    await eventually(() => host.http().length === 2 && host.workers().length === 3, "two workers");
    // Who answered? The kernel decides; each worker is asked alone by stopping the other.
    const [one, two] = host.http();
    const only = async (stopped, fn) => {
      await pause(100); // not in the middle of its turn to write
      process.kill(stopped, "SIGSTOP");
      try {
        return await fn();
      } finally {
        process.kill(stopped, "SIGCONT");
      }
    };
    const both = async (fn) => [await only(two, fn), await only(one, fn)];
    await pause(500);
    const it = await only(two, () => signIn(host.port, "it"));
    for (const status of await both(async () => (await it.get("/nanjing/plugins")).status)) equal(200, status, "the session:");
    for (const status of await both(async () => (await it.post("/nanjing/me/lang", { lang: "en" })).status)) assert(status < 400, "its token: " + status);
    for (const status of await both(async () => (await ask(host.port, "POST", "/nanjing/me/lang", { form: { lang: "en", _csrf: "0".repeat(64) }, headers: { Cookie: it.cookie } })).status)) equal(403, status, "a wrong token:");
    const wrong = async (i) => (await ask(host.port, "POST", "/sign-in", { form: { login: "nobody" + i, password: "wrong-wrong" }, headers: { Accept: "application/json", "X-Forwarded-For": "203.0.113.9" }, timeout: 60000 })).status;
    // All at once, so that nothing is forgiven meanwhile; each of two that counts alone would let 20 in.
    const said = await Promise.all(Array.from({ length: 60 }, (_, i) => wrong(i)));
    const let_in = said.filter((status) => status !== 429).length;
    assert(let_in < 30, "let in from one address, where 20 are: " + let_in);
    assert(host.http().join() === [one, two].join(), "the same workers");
    write(join(dir, "plugins/a/pages/p.lua"), page("a", "new"));
    await eventually(async () => (await value(host, "a")) === "new", "somebody has it");
    await pause(1000); // whoever is in the middle of it must not be stopped there
    const saw = await both(() => eventually(async () => (await value(host, "a")) === "new", "the saved rule"));
    equal(2, saw.length);
    await host.stop();
  },
  "two workers: turns and sums hold under load, one is killed": async () => {
    const dir = ledgerSite(), kept = [], over = {}, refused = [];
    const host = await serve(dir, { workers: 2, env: realTime });
    await eventually(() => host.http().length === 2, "two workers");
    const all = writers(host, "d", 16, kept, over, refused);
    await pause(500);
    const old = host.http();
    process.kill(old[1], "SIGKILL");
    await eventually(() => host.http().length === 2 && !host.http().includes(old[1]), "a new one", 20000);
    await pause(500);
    over.over = true;
    await all;
    assert(refused.length === 0, JSON.stringify(refused[0]));
    assert(host.http().includes(old[0]), "the other one lives");
    await host.stop();
    reckon(dir, kept, "d");
    sound(dir);
    return `${kept.length} acknowledged`;
  },
  "HUP: the folders are looked at again": async () => {
    const dir = site();
    plugin(dir, "a", { "pages/p.lua": page("a", "old") });
    const host = await serve(dir, { workers: 2, more: ["--no-watch"] });
    await eventually(() => host.workers().length === 3, "three");
    write(join(dir, "plugins/a/pages/p.lua"), page("a", "new"));
    await pause(500);
    equal("old", await value(host, "a"), "nobody watches:");
    await pause(500);
    host.child.kill("SIGHUP");
    for (let i = 0; i < 6; i++) await eventually(async () => (await value(host, "a")) === "new", "after HUP");
    await host.stop();
  },
  "how many workers: site.lua says, a wrong number is refused": async () => {
    const dir = site(), config = join(dir, "site.lua"), text = read(config);
    write(config, text.replace(/return \{/, "return { workers = 3,"));
    const host = await serve(dir);
    await eventually(() => host.http().length === 3, "three workers");
    await host.stop();
    write(config, text.replace(/return \{/, "return { workers = 0,"));
    const failed = await serve(dir).then(() => null, (e) => e.message);
    match(/serve ended with 1: .*workers.*1.*16/s, failed, "workers = 0:");
  },
  "one call into C holds the loop: ended after 5 s, named, switched off": async () => {
    const { host, dir } = await attacked({ "pages/p.lua": asPage("evil", FLOOD) }, async (h) => {
      ask(h.port, "GET", "/attack", { timeout: 60000 }).catch(() => {});
    });
    match(/evil 2\.3\.4/, host.log, "the log");
    match(/did not turn for 5 s|5 秒没有动静/, host.log, "the log");
    await toldWhy(host, dir);
  },
  "a crash in a request: the worker is lost, the plugin is named and off": async () => {
    let wait;
    const { host, dir } = await attacked({ "pages/p.lua": asPage("evil", CRASH) }, async (h, d) => {
      for (let i = 0; i < 20 && !off(d).length; i++) {
        await ask(h.port, "GET", "/attack", { timeout: 60000 }).catch(() => {});
        wait = await answers(h);
        await pause(100);
      }
    });
    equal(gone, await attackPage(host), "its page:");
    await toldWhy(host, dir);
    return `answered again after ${wait.toFixed(0)} ms; to be: 1,000 at most`;
  },
  "faults of the interpreter: in a request": () => everyOne("page", async (host, id) => {
    await ask(host.port, "GET", "/attack/" + id, { timeout: 60000 }).catch(() => {});
  }),
  "faults of the interpreter: while loading": () => everyOne("load", async (host, id, dir, text) => {
    plugin(dir, "evil-" + id, { "pages/p.lua": text }, evilManifest(id));
    await pause(700);
  }),
  "faults of the interpreter: in a script": () => everyOne("script", async (host, id, dir, text, it) => {
    equal(303, (await it.post("/nanjing/scripts/" + id)).status, id + " is started:");
    await eventually(() => sql(dir, "SELECT count(*) AS n FROM host_job WHERE state IN ('queued', 'running')")[0].n === 0, id + " ended", 90000);
  }),
  "a crash in a request, two workers: the other one drops the plugin, too": async () => {
    const { host, dir } = await attacked({ "pages/p.lua": asPage("evil", CRASH) }, async (h, d) => {
      for (let i = 0; i < 20 && !off(d).length; i++) {
        await ask(h.port, "GET", "/attack", { timeout: 60000 }).catch(() => {});
        await pause(100);
      }
    }, { workers: 2 });
    await eventually(() => host.http().length === 2, "two workers", 20000);
    const deaths = died(dir).length;
    for (let i = 0; i < 10; i++) await eventually(async () => (await attackPage(host)) === gone, "its page is gone");
    equal(deaths, died(dir).length, "deaths after it was switched off:");
    await toldWhy(host, dir);
  },
  "a crash while loading: at the start": async () => {
    const { host, dir } = await attacked({ "pages/p.lua": CRASH }, async () => {});
    await toldWhy(host, dir);
  },
  "a crash while loading: saved while people work": async () => {
    const { host, dir } = await attacked(null, async (h, d) => plugin(d, "evil", { "pages/p.lua": CRASH }, 'return { id = "evil", version = "2.3.4" }\n'));
    await toldWhy(host, dir);
  },
  "a crash in a script: only its own process, and the next script runs": async () => {
    let workers;
    const { host, dir } = await attacked({ "scripts/evil-run.lua": asScript("evil-run", CRASH) }, async (h, d) => {
      const it = await signIn(h.port, "it");
      workers = h.workers().map((w) => w.pid).join();
      for (let i = 0; i < 5 && !off(d).length; i++) {
        equal(303, (await it.post("/nanjing/scripts/evil-run")).status, "started:");
        await eventually(() => sql(d, "SELECT count(*) AS n FROM host_job WHERE state IN ('queued', 'running')")[0].n === 0, "it ended", 60000);
      }
    });
    equal(workers, host.workers().map((w) => w.pid).join(), "the same workers:");
    equal("failed", sql(dir, "SELECT state FROM host_job ORDER BY id DESC LIMIT 1")[0].state);
    const sun = await signIn(host.port, "sun");
    assert((await sun.post("/nanjing/scripts/due-calls", { p1: "2026-11-21" })).status < 400, "the next script");
    await eventually(() => sql(dir, "SELECT state FROM host_job WHERE script = 'due-calls'")[0]?.state === "done", "it runs", 30000);
    await toldWhy(host, dir);
  },
  "a script that hangs and is cancelled makes room for the next one": async () => {
    const dir = site();
    plugin(dir, "slow", { "scripts/slow-run.lua": asScript("slow-run", "local p = require 'host.progress' p(1, 2) for _ = 1, 1e15 do end") }, 'return { id = "slow", version = "1.0.0", uses = { "host.progress" } }\n');
    const host = await serve(dir), it = await signIn(host.port, "it");
    const started = await it.post("/nanjing/scripts/slow-run");
    equal(303, started.status, "started: " + started.text.slice(0, 300));
    const job = await eventually(() => sql(dir, "SELECT CAST(id AS TEXT) AS id, pid FROM host_job WHERE state = 'running'")[0], "it runs");
    await pause(300); // it writes no more
    process.kill(job.pid, "SIGSTOP");
    const cancelled = await it.post(`/nanjing/jobs/${job.id}/cancel`);
    assert(cancelled.status < 400, "cancelled: " + cancelled.status);
    const sun = await signIn(host.port, "sun");
    assert((await sun.post("/nanjing/scripts/due-calls", { p1: "2026-11-21" })).status < 400, "the next one");
    await eventually(() => sql(dir, "SELECT state FROM host_job WHERE script = 'due-calls'")[0]?.state === "done", "the next one runs", 40000);
    assert(!lives(job.pid), "the hanging one is gone");
    await host.stop();
  },
  "a script that computes in C without end is ended, named and off": async () => {
    if (!long) return { skip: "takes 40 s of CPU; --long" };
    const endless = FLOOD.replace("1 << 18", "1 << 20").replace("1 << 17", "1 << 19");
    const { host, dir } = await attacked({ "scripts/evil-run.lua": asScript("evil-run", endless) }, async (h, d) => {
      const it = await signIn(h.port, "it");
      equal(303, (await it.post("/nanjing/scripts/evil-run")).status, "started:");
      await eventually(() => off(d).length, "it is off", 600000);
    });
    await eventually(() => sql(dir, "SELECT state FROM host_job ORDER BY id DESC LIMIT 1")[0].state === "failed", "the job is said to have failed");
    await toldWhy(host, dir);
  },
  "two servers on one site send a mail once": async () => {
    const dir = site(), sent = [];
    // A mail server that is slow to say yes: who sends without a lock sends what the other one is sending.
    const post = createServer((peer) => {
      let text = "", data = false;
      peer.write("220 post\r\n");
      peer.on("error", () => {});
      peer.on("data", (bytes) => {
        text += bytes;
        for (let end; (end = text.indexOf("\r\n")) >= 0; text = text.slice(end + 2)) {
          const line = text.slice(0, end);
          if (data && line.startsWith("Subject:")) sent.push(line);
          if (data && line !== ".") continue;
          if (!data && /^DATA/i.test(line)) peer.write("354 go on\r\n");
          else setTimeout(() => peer.writable && peer.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n"), data ? 150 : 0);
          data = !data && /^DATA/i.test(line);
        }
      });
    });
    await new Promise((done) => post.listen(0, "127.0.0.1", done));
    const config = join(dir, "site.lua");
    write(config, read(config).replace("dir:data/mail\"", `smtp://127.0.0.1:${post.address().port}"`));
    plugin(dir, "post", { "pages/p.lua": `local page, mail = require "host.page", require "host.mail"\nreturn page "POST !/post" { who = "anyone", params = { from = "string:5" }, function(req) for i = tonumber(req.params.from or "1"), tonumber(req.params.from or "1") + 19 do mail.send { to = "a@example.test", key = "k" .. i, subject = "s" .. i, body = "b" } end return {} end }\n` }, 'return { id = "post", version = "1.0.0", uses = { "host.mail" } }\n');
    const one = await serve(dir), two = await serve(dir);
    equal(200, (await ask(one.port, "POST", "/post", { form: {}, ...json })).status);
    await eventually(() => sql(dir, "SELECT count(*) AS n FROM host_mail WHERE sent_at IS NULL")[0].n === 0, "all are sent", 20000);
    await pause(2500);
    equal(20, sent.length, "messages:");
    equal(20, new Set(sent).size, "different ones:");
    await one.stop();
    equal(200, (await ask(two.port, "POST", "/post", { form: { from: "21" }, ...json })).status);
    await eventually(() => sent.length === 40, "the other one takes over: " + sent.length, 20000);
    await two.stop();
    post.close();
  },
};
