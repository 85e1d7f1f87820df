// A host of its own for each case: the real binary beside a copy of what it finds beside itself, and a site made from nothing.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const source = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const password = "fault-tests-1";
export const NOW = "2026-11-21T09:00:00";
export const roles = { zhou: "specialist", lin: "specialist", sun: "supervisor", he: "director", li: "advisor", gao: "general-manager", it: "it" };
export let long = false;

let top, home, base, count = 0;
const running = new Set();

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const read = (path) => readFileSync(path, "utf8");
export const write = (path, bytes) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};

export function assert(ok, text) {
  if (!ok) throw new Error(text);
}
export const equal = (want, got, text = "") => assert(want === got, `${text} expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
export const match = (pattern, text, what = "") => assert(pattern.test(text), `${what} expected ${pattern}, got: ${String(text).slice(0, 1500)}`);

// The tree is copied so that a case may break a shipped plugin, and so that nobody's work in it disturbs a run.
function copyTree(binary, to) {
  const share = resolve(dirname(binary), "../share/forecourt");
  mkdirSync(join(to, "bin"), { recursive: true });
  cpSync(binary, join(to, "bin/forecourt"));
  for (const part of ["plugins", "scripts", "schema", "packs", "assets"]) {
    if (!existsSync(join(share, part))) continue;
    cpSync(join(share, part), join(to, "share/forecourt", part), { recursive: true, dereference: true, filter: (f) => !f.includes("node_modules") });
  }
}

export function prepare(binary, isLong) {
  long = isLong;
  top = mkdtempSync(join(tmpdir(), "forecourt-fault-"));
  chmodSync(top, 0o755);
  home = join(top, "host");
  copyTree(resolve(binary), home);
  base = join(top, "base");
  const made = run(["init", base, "--name", "故障店", "--id", "nanjing", "--login", "boss", "--password-file", "-"], { input: password + "\n" });
  assert(made.code === 0, "init: " + made.err);
  for (const [login, role] of Object.entries(roles)) {
    const added = run(["user", "add", "--site", base, "--login", login, "--role", role, "--mail", login + "@example.test", "--password-file", "-"], { input: password + "\n" });
    assert(added.code === 0, "user add: " + added.err);
  }
  equal(0, run(["eval", "--site", base, "return 1"]).code, "the first start writes down what is in force:");
}

export const scratch = (name = "s") => {
  const dir = join(top, `${name}-${++count}`);
  mkdirSync(dir, { recursive: true });
  return dir;
};
export const binary = () => join(home, "bin/forecourt");

// A host whose shipped plugins a case may spoil.
export function ownHost() {
  const to = scratch("host");
  copyTree(binary(), to);
  return to;
}

export function site(name = "site") {
  const dir = join(top, `${name}-${++count}`);
  const copied = spawnSync("cp", ["-a", base, dir]);
  assert(copied.status === 0, "cp: " + copied.stderr);
  return dir;
}

export function plugin(where, id, files, manifest) {
  write(join(where, "plugins", id, "plugin.lua"), manifest || `return { id = "${id}", version = "1.0.0", uses = { "host.db" } }\n`);
  for (const [path, text] of Object.entries(files || {})) write(join(where, "plugins", id, path), text);
}

// A page that answers plain JSON: its own plugin, its own route.
export const pageOf = (route, body, who = '"anyone"') =>
  `local page = require "host.page"\nreturn page "${route}" { who = ${who}, function(req)\n${body}\nend }\n`;

const environment = (o) => ({ PATH: process.env.PATH, HOME: top, FORECOURT_NOW: NOW, FORECOURT_LANG: "zh", ASAN_OPTIONS: process.env.ASAN_OPTIONS || "", ...(o.env || {}) });
const program = (o) => (o.host ? join(o.host, "bin/forecourt") : binary());

export function run(args, o = {}) {
  const began = Date.now();
  const command = o.prefix ? [...o.prefix, program(o), ...args] : [program(o), ...args];
  const done = spawnSync(command[0], command.slice(1), { env: environment(o), cwd: o.cwd || top, input: o.input ?? "", timeout: o.timeout || 60000, maxBuffer: 1 << 28, encoding: o.encoding || "utf8" });
  return { code: done.status, signal: done.signal, out: done.stdout, err: done.stderr, ms: Date.now() - began };
}

// The same command in both languages: the exit code, the sentence of each, and that nothing but the sentence changes.
export function says(args, code, zh, en, o = {}) {
  for (const [lang, wanted] of [["zh", zh], ["en", en]]) {
    const got = run(args, { ...o, env: { ...(o.env || {}), FORECOURT_LANG: lang } });
    equal(code, got.code, `${args.join(" ")} (${lang}; ${got.signal || ""} ${got.err.slice(0, 300)} ${String(got.out).slice(0, 300)}): exit code:`);
    match(wanted, got.err + got.out, `${args.join(" ")} (${lang}):`);
    if (lang === "en") assert(!/[\u4e00-\u9fff]/.test(got.err.replaceAll(o.own || "故障店", "")), `Chinese in an English sentence: ${got.err}`);
  }
}

// Runs to the end and says how much memory it needed at most.
export function measured(args, o = {}) {
  return new Promise((done) => {
    const child = spawn(program(o), args, { env: environment(o), cwd: top });
    let out = "", err = "", peak = 0;
    const look = setInterval(() => {
      try {
        peak = Math.max(peak, +(/VmHWM:\s+(\d+)/.exec(read(`/proc/${child.pid}/status`)) || [0, 0])[1]);
      } catch {}
    }, 20);
    child.stdout.on("data", (d) => (out += d));
    child.stderr.on("data", (d) => (err += d));
    child.on("close", (code, signal) => {
      clearInterval(look);
      done({ code, signal, out, err, peakMiB: Math.round(peak / 1024) });
    });
  });
}

// ---- a running host

const orElse = (fn, other) => {
  try {
    return fn();
  } catch {
    return other;
  }
};
const childrenOf = (pid) => orElse(() => read(`/proc/${pid}/task/${pid}/children`), "").split(" ").filter(Boolean).map(Number);
const nameOf = (pid) => orElse(() => read(`/proc/${pid}/comm`).trim(), "");
// One that is only waited for is gone, but not before its last thread is: that one still holds what was open.
export const lives = (pid) => orElse(() => !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`)) || readdirSync(`/proc/${pid}/task`).length > 1, false);

export class Host {
  constructor(dir, o) {
    this.dir = dir;
    this.o = o;
    this.log = "";
  }
  start() {
    // Where single calls are counted (shim.mjs) one process does everything, or nobody could say whose call it was.
    const workers = this.o.workers ?? (this.o.env?.FAULT_STATE ? 0 : undefined);
    const args = ["serve", "--site", this.dir, "--listen", this.o.listen || "127.0.0.1:0", ...(workers === undefined ? [] : ["--workers", String(workers)]), ...(this.o.safe ? ["--safe"] : []), ...(this.o.more || [])];
    const command = this.o.prefix ? [...this.o.prefix, program(this.o), ...args] : [program(this.o), ...args];
    this.child = spawn(command[0], command.slice(1), { env: environment(this.o), cwd: top });
    running.add(this);
    this.exited = new Promise((done) => this.child.on("exit", (code, signal) => {
      running.delete(this);
      this.code = code;
      this.signal = signal;
      done();
    }));
    const ready = new Promise((done, failed) => {
      const look = (d) => {
        this.log += d;
        const found = /https?:\/\/[^\s]*:(\d+)\//.exec(this.log);
        if (found && !this.port) {
          this.port = +found[1];
          done(this);
        }
      };
      this.child.stdout.on("data", look);
      this.child.stderr.on("data", look);
      this.child.on("exit", (code, signal) => failed(new Error(`serve ended with ${code ?? signal}: ${this.log}`)));
      setTimeout(() => failed(new Error("serve is not up after 20 s: " + this.log)), 20000).unref();
    });
    return ready;
  }
  async stop(signal = "SIGTERM") {
    if (this.code !== undefined || this.signal) return;
    const workers = this.workers();
    this.child.kill(signal);
    await this.exited;
    await eventually(() => workers.every((w) => !lives(w.pid)), "workers outlive their supervisor: " + JSON.stringify(workers));
  }
  // The processes that do the work: { pid, kind: "http" or "jobs" }. With workers: 0 there are none but the one that was started.
  workers() {
    return childrenOf(this.child.pid).map((pid) => ({ pid, kind: nameOf(pid) })).filter((w) => w.kind.startsWith("fc-")).map((w) => ({ ...w, kind: w.kind.slice(3) }));
  }
  http() {
    return this.workers().filter((w) => w.kind === "http").map((w) => w.pid);
  }
  rss() {
    return +(/VmRSS:\s+(\d+)/.exec(read(`/proc/${this.http()[0] || this.child.pid}/status`)) || [0, 0])[1] / 1024;
  }
  // Milliseconds of CPU of all: what a machine with other work on it says about how long something took.
  cpu() {
    const of = (pid) => {
      const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
      return (+fields[11] + +fields[12]) * 10;
    };
    return [this.child.pid, ...this.workers().map((w) => w.pid)].reduce((sum, pid) => sum + of(pid), 0);
  }
  alive() {
    return this.code === undefined && !this.signal;
  }
  async logs(pattern, ms = 3000) {
    for (const until = Date.now() + ms; Date.now() < until; await pause(20)) if (pattern.test(this.log)) return;
    throw new Error(`not in the log: ${pattern}\n${this.log.slice(-3000)}`);
  }
}
export const serve = (dir, o = {}) => new Host(dir, o).start();

// One request without any help: no redirects, no cookies but those given.
export function ask(port, method, path, o = {}) {
  return new Promise((done, failed) => {
    const body = o.form !== undefined ? new URLSearchParams(o.form).toString() : o.body;
    const headers = { ...(o.headers || {}) };
    if (o.form !== undefined) headers["Content-Type"] = "application/x-www-form-urlencoded";
    if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
    const request = http.request({ host: "127.0.0.1", port, method, path, headers, agent: o.agent || false, timeout: o.timeout || 15000 }, (answer) => {
      const parts = [];
      answer.on("data", (d) => parts.push(d));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, text: Buffer.concat(parts).toString("utf8"), version: answer.httpVersion }));
      answer.on("error", failed);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer: ${method} ${path}`)));
    request.on("error", failed);
    if (body !== undefined) request.write(body);
    request.end();
  });
}

// A person with a session.
export class Person {
  constructor(port, cookie, csrf) {
    Object.assign(this, { port, cookie, csrf });
  }
  get(path, headers = {}) {
    return ask(this.port, "GET", path, { headers: { Cookie: this.cookie, ...headers } });
  }
  post(path, form = {}, headers = {}) {
    return ask(this.port, "POST", path, { form: { _csrf: this.csrf, ...form }, headers: { Cookie: this.cookie, ...headers } });
  }
}

// An import as the clerk starts it: the file, then its columns as they were guessed. Returns { job, file }.
export async function startImport(person, name, text, fields) {
  const part = (field, more, value) => `--BOUND\r\nContent-Disposition: form-data; name="${field}"${more}\r\n\r\n${value}\r\n`;
  const body = part("_csrf", "", person.csrf) + part("file", `; filename="${name}"`, text) + "--BOUND--\r\n";
  const checked = await ask(person.port, "POST", "/nanjing/import/check", { body, headers: { Cookie: person.cookie, "Content-Type": "multipart/form-data; boundary=BOUND" } });
  equal(200, checked.status, "the file's columns: " + checked.text.slice(0, 300));
  const file = /name="file" value="([^"]*)"/.exec(checked.text)[1];
  const form = new URLSearchParams([["_csrf", person.csrf], ["file", file], ["name", name], ...fields.map((f) => ["fields", f])]).toString();
  const started = await ask(person.port, "POST", "/nanjing/import/start", { body: form, headers: { Cookie: person.cookie, "Content-Type": "application/x-www-form-urlencoded" } });
  equal(303, started.status, "the import: " + started.text.slice(0, 300));
  return { job: /(\d+)$/.exec(started.headers.location)[1], file };
}

export const tokenOf = (answer) => (/forecourt_session=([^;]*)/.exec((answer.headers["set-cookie"] || []).join("\n")) || [])[1];

export async function signIn(port, login, word = password) {
  const answer = await ask(port, "POST", "/sign-in", { form: { login, password: word }, headers: { Accept: "application/json" } });
  assert(answer.status === 200, `sign-in of ${login}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return new Person(port, "forecourt_session=" + tokenOf(answer), JSON.parse(answer.text).csrf);
}

// ---- what is on disk

// A program that is not ours only reads, or it would checkpoint when it leaves; what it writes is taken as it is when the sums are made anew.
export function sql(dir, text, name = "nanjing") {
  const path = join(dir, "data", name + ".db");
  const reads = /^\s*(SELECT|WITH|PRAGMA)\b/i.test(text);
  const done = spawnSync("sqlite3", ["-json", ...(reads ? ["-readonly"] : []), "-cmd", ".timeout 5000", path, text], { encoding: "utf8", maxBuffer: 1 << 28 });
  assert(done.status === 0, "sqlite3: " + done.stderr);
  if (!reads) rmSync(path + "-sums", { force: true });
  return done.stdout.trim() ? JSON.parse(done.stdout) : [];
}

// Every row that a person could lose; sessions and the wrong-password count move by themselves.
// What requests may change: not what the host does by itself each second (signing the audit log) and each day (backups).
export function fingerprint(dir) {
  const hash = createHash("sha256");
  const columns = (table) => (table === "host_audit" ? "id, at, actor, what, subject, detail" : "*");
  const each = (name, skip) => {
    const tables = sql(dir, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", name).map((r) => r.name);
    for (const table of tables) if (!skip.includes(table)) hash.update(table + JSON.stringify(sql(dir, `SELECT ${columns(table)} FROM "${table}"`, name)));
  };
  each("nanjing", ["host_audit_seal"]);
  each("site", ["site_session", "site_login_lock", "site_audit_head", "site_audit_key", "site_backup"]);
  for (const f of readdirSync(join(dir, "data/files")).sort()) hash.update(f);
  return hash.digest("hex");
}

// Without the seals that the host adds by itself, as in fingerprint().
export function tableCounts(dir) {
  const out = {};
  for (const { name } of sql(dir, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'host_audit_seal'")) out[name] = sql(dir, `SELECT count(*) AS n FROM "${name}"`)[0].n;
  return out;
}

export async function eventually(fn, text, ms = 5000) {
  let last;
  for (const until = Date.now() + ms; Date.now() < until; await pause(25)) {
    try {
      last = await fn();
      if (last) return last;
    } catch (e) {
      last = e;
    }
  }
  throw new Error(`${text} (after ${ms} ms; last: ${last && last.message ? last.message : JSON.stringify(last)})`);
}

export async function cleanUp() {
  for (const host of [...running]) await host.stop("SIGKILL");
}
export function done() {
  spawnSync("sh", ["-c", 'for m in $(awk -v t="$1" \'index($2, t) == 1 {print $2}\' /proc/mounts); do umount "$m"; done', "sh", top]);
  if (!process.env.FORECOURT_KEEP) rmSync(top, { recursive: true, force: true });
}
export const isRoot = () => process.getuid() === 0;
export { existsSync, statSync, chmodSync, rmSync, mkdirSync, cpSync, spawnSync, spawn, readdirSync, join };
