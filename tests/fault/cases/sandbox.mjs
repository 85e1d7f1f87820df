// Each script of ../attacks through each door. CPU is measured, not time: the machine may have other work.
import { dirname, join } from "node:path";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { read } from "../lib.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../attacks");
const attacks = readdirSync(folder).filter((f) => f.endsWith(".lua")).sort().map((f) => {
  const text = read(join(folder, f));
  return { name: f.replace(".lua", ""), text, kind: /^-- (KILL|DENY|BOUND) /.exec(text)[1] };
});
const USES = ["db", "csv", "file", "vault", "rules", "plugins", "jobs", "audit", "counter", "mail", "call", "session", "progress"].map((m) => `"host.${m}"`).join(", ");
// An attack that writes has a table of its own to do it in.
const writes = (a) => /attack_row/.test(a.text);
const table = (a) => (writes(a) ? { "migrations/0001_row.sql": "CREATE TABLE attack_row (series TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;\n" } : {});
const manifest = (id, a) => `return { id = "${id}", version = "1.0.0", uses = { ${USES} }${a && writes(a) ? ', tables = { "attack_" }' : ""} }\n`;

// Another plugin: whatever happened, what it is given is clean.
const PROBE = `local t = {} table.insert(t, "a") table.insert(t, 1, "b")
if string.format("%d", 7) ~= "7" or ("x"):gsub("x", "y") ~= "y" or table.concat(t, ",") ~= "b,a" or math.floor(1.5) ~= 1 then return { state = "DIRTY" } end
if require("host.json").encode { a = 1 } ~= '{"a":1}' or require("host.db").one("SELECT 1 AS x").x ~= 1 then return { state = "DIRTY" } end
return { state = "clean" }`;

function judge(a, escaped, killed, text) {
  if (escaped) return `ESCAPED: ${text.slice(0, 200)}`;
  if (a.kind === "KILL" && !killed) return `was not ended by its budget: ${text.slice(0, 200)}`;
  if (a.kind === "DENY" && !/^"?denied/.test(text)) return `was not denied: ${text.slice(0, 300)}`;
  return null;
}

// With little memory the collector runs in the middle of everything, and each place may be the one where memory ends.
const CEILINGS = [3, 5, 8, 13, 21];

function tell(lib, problems, n) {
  lib.assert(problems.length === 0, `${problems.length} of ${n}:\n${problems.join("\n")}`);
  return `${n} scripts`;
}

async function asPages(lib, attacks, memory) {
  const dir = lib.site(), problems = [];
  for (const a of attacks)
    lib.plugin(dir, "attack-" + a.name, { "pages/p.lua": `local page = require "host.page"\nreturn page "GET !/attack/${a.name}" { who = "anyone", function()\n${a.text}\nend }\n`, ...table(a) }, manifest("attack-" + a.name, a));
  lib.plugin(dir, "probe", { "pages/p.lua": lib.pageOf("GET !/probe", PROBE) });
  const json = { headers: { Accept: "application/json" }, timeout: 60000 };
  const env = memory ? { FORECOURT_MEMORY: `attack-:${memory}` } : {};
  let host = await lib.serve(dir, { env });
  await lib.ask(host.port, "GET", "/probe", json);
  for (const a of attacks) {
    const cpu = host.cpu(), from = host.log.length;
    let got;
    try {
      got = await lib.ask(host.port, "GET", "/attack/" + a.name, json);
      const used = host.cpu() - cpu;
      await lib.pause(5);
      const killed = got.status === 500 && /时间预算|内存超过上限/.test(host.log.slice(from));
      const wrong = memory && killed ? null : judge(a, /^"?(ESCAPED|DIRTY)/.test(got.text), killed, got.text + host.log.slice(from));
      if (wrong) problems.push(`${a.name}: ${wrong}`);
      if (used > 1250) problems.push(`${a.name}: used ${used} ms of CPU`);
      const probe = await lib.ask(host.port, "GET", "/probe", json);
      if (probe.text !== '{"state":"clean"}') problems.push(`${a.name}: the probe says ${probe.status} ${probe.text}`);
    } catch (e) {
      problems.push(`${a.name}: ${host.alive() ? "hangs" : `the host died (${host.code ?? host.signal})`}: ${e.message} ${host.log.slice(from).slice(-400)}`);
      await host.stop("SIGKILL");
      host = await lib.serve(dir, { env });
    }
  }
  const rss = host.rss();
  if (rss > 400) problems.push(`the host holds ${Math.round(rss)} MiB after all of them`);
  await host.stop();
  lib.assert(!/13000000001/.test(host.log), "a phone number in the log");
  lib.assert(!/^2026-11-21T09:00:00\+08:00 error host: forged/m.test(host.log), "a forged line in the log");
  return tell(lib, problems, attacks.length);
}

export default {
  "as pages": (lib) => asPages(lib, attacks),
  "as pages with little memory": async (lib) => {
    const chosen = lib.long ? attacks : attacks.filter((a) => /^(a0[25]|a1[04]|a2[4578]|a33|b0[479]|b2[679]|b31|c|d0[26]|d12|d2[5-7])/.test(a.name));
    const said = [];
    for (const memory of lib.long ? CEILINGS : [3, 8]) said.push(`${memory} MiB: ${await asPages(lib, chosen, memory)}`);
    return said.join(", ");
  },
  "as scripts": async (lib) => {
    const dir = lib.site(), problems = [];
    const chosen = attacks.filter((a) => a.kind !== "KILL" && !writes(a) && /^(b28|b31|c|d)/.test(a.name)); // 30 s of CPU are a script's budget
    lib.write(join(dir, "scripts/plugin.lua"), `return { id = "site-attacks", version = "1.0.0", point = "scripts", uses = { ${USES} } }\n`);
    for (const a of chosen)
      lib.write(join(dir, "scripts", a.name + ".lua"), `local script = require "host.script"\nlocal function attack()\n${a.text}\nend\nreturn script "${a.name}" { title = { zh = "攻击", en = "attack" }, who = { "it" }, run = function() return { got = tostring(attack()) } end, text = function(r) return { zh = r.got, en = r.got } end }\n`);
    for (const a of lib.long ? chosen : chosen.filter((_, i) => i % 3 === 0)) {
      const got = lib.run(["run", "--site", dir, a.name], { prefix: ["sh", "-c", 'ulimit -t 40; ulimit -v 2000000; exec "$@"', "sh"], timeout: 120000 });
      const said = got.out + got.err;
      if (got.code === null || got.code > 1) problems.push(`${a.name}: ended with ${got.signal || got.code} ${said.slice(-300)}`);
      if (/ESCAPED|DIRTY/.test(said)) problems.push(`${a.name}: ${said.slice(-300)}`);
      if (a.kind === "DENY" && !/denied/.test(said)) problems.push(`${a.name}: was not denied: ${said.slice(-300)}`);
    }
    return tell(lib, problems, chosen.length);
  },
  "as pieces for eval": async (lib) => {
    const dir = lib.site(), problems = [];
    for (const a of attacks.filter(writes)) lib.plugin(dir, "attack-" + a.name, table(a), manifest("attack-" + a.name, a));
    lib.run(["eval", "--site", dir, "return 1"]);
    const before = lib.fingerprint(dir);
    for (const a of attacks) {
      const file = lib.write(join(lib.scratch(), a.name + ".lua"), a.text);
      const got = lib.run(["eval", "--seconds", "1", "--site", dir, "--file", file, ...(writes(a) ? ["--as", "attack-" + a.name] : [])], { prefix: ["sh", "-c", 'ulimit -t 3; ulimit -v 2000000; exec "$@"', "sh"], timeout: 120000 });
      const wrong = got.code === null || got.code > 2 ? `ended with ${got.signal || got.code} ${got.err.slice(-300)}` : judge(a, /^"?(ESCAPED|DIRTY)/.test(got.out), /时间预算|内存超过/.test(got.err), got.out + got.err);
      if (wrong) problems.push(`${a.name}: ${wrong}`);
    }
    lib.equal(before, lib.fingerprint(dir), "the store");
    return tell(lib, problems, attacks.length);
  },
  "as the text of a point file": async (lib) => {
    const dir = lib.site(), problems = [];
    const chosen = lib.long ? attacks : attacks.filter((a) => /^(a0[159]|a1[1245]|a20|b0[1-9]|b2[23]|c0[24]|d0[1-7]|d1[14567])/.test(a.name));
    for (const a of chosen) lib.plugin(dir, "attack-" + a.name, { "pages/p.lua": a.text + "\n" }, manifest("attack-" + a.name));
    const got = lib.run(["check", "--site", dir], { prefix: ["sh", "-c", 'ulimit -t 120; ulimit -v 4000000; exec "$@"', "sh"], timeout: 550000 });
    lib.equal(1, got.code, `check ended with ${got.signal || got.code}: ${got.err.slice(-500)}`);
    for (const a of chosen) if (!got.out.includes(`plugins/attack-${a.name}/`)) problems.push(`${a.name}: no problem was told`);
    return tell(lib, problems, chosen.length);
  },
};
