// The host and the browser for the tests: the real binary on a copy of the example site, a real Chromium, and what no page may do.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const build = process.env.FORECOURT_BUILD || join(root, "build");
export const binary = process.env.FORECOURT_BIN || join(build, "bin/forecourt");
export const pictures = join(build, "pictures");
export const password = "nanjing-demo";
export const NOW = "2026-11-21T09:00:00";
mkdirSync(pictures, { recursive: true });

// NODE_PATH does not count for ES modules, and npm's folder stands below build/.
const { chromium } = createRequire(join(build, "npm/web/"))("playwright-core");

export function run(args, options = {}) {
  const done = spawnSync(binary, args, { encoding: "utf8", env: { ...process.env, FORECOURT_NOW: options.now || NOW }, ...options });
  if (done.status !== 0 && !options.mayFail) throw new Error(`forecourt ${args.join(" ")}: ${done.stderr}${done.stdout}`);
  return done;
}

// A copy of the example site with its users and nothing else.
export function makeSite() {
  const site = mkdtempSync(join(tmpdir(), "forecourt-web-"));
  cpSync(join(root, "examples/nanjing"), site, { recursive: true, filter: (f) => !/\/(data|secrets|import|backups|backups-keys)$/.test(f) });
  // The pack beside the site wins over the shipped one: here a test may change a question.
  cpSync(join(root, "examples/packs/changan"), join(site, "packs/changan"), { recursive: true });
  const made = spawnSync("sh", ["-c", `set -eu; root=$1 binary=$2; say() { :; }; . "$1/scripts/dev/example.sh"; add_users "$3"`, "sh", root, binary, site],
    { encoding: "utf8", env: { ...process.env, FORECOURT_NOW: NOW } });
  if (made.status !== 0) throw new Error("users: " + made.stderr);
  return site;
}

// The whole example as scripts/dev/run makes it, its history ending on that day.
export function makeExample(until) {
  const site = mkdtempSync(join(tmpdir(), "forecourt-web-"));
  cpSync(join(root, "examples/nanjing"), site, { recursive: true, filter: (f) => !/\/(data|secrets|import|backups|backups-keys)$/.test(f) });
  const script = `set -eu; root=$1 binary=$2; say() { printf '%s\\n' "$*" >&2; }; die() { say "$*"; exit 1; }; . "$1/scripts/dev/example.sh"; make_example "$3" "$4"`;
  const made = spawnSync("sh", ["-c", script, "sh", root, binary, site, until], { encoding: "utf8" });
  if (made.status !== 0) throw new Error("example: " + made.stderr);
  return site;
}

const freePort = () => new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

export class Host {
  constructor(site) { this.site = site; this.log = ""; }
  async start(now = NOW, listen = "127.0.0.1") {
    this.port = this.port || (await freePort());
    this.url = `http://127.0.0.1:${this.port}`;
    this.process = spawn(binary, ["serve", "--site", this.site, "--listen", `${listen}:${this.port}`], { env: { ...process.env, FORECOURT_NOW: now } });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (d) => (this.log += d));
    const until = Date.now() + 20000;
    while (Date.now() < until) {
      if (await fetch(this.url + "/healthz").then((a) => a.ok, () => false)) return this;
      if (this.process.exitCode !== null) break;
      await pause(50);
    }
    throw new Error("the host did not come up:\n" + this.log);
  }
  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const gone = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGTERM");
    await Promise.race([gone, pause(5000).then(() => this.process.kill("SIGKILL"))]);
  }
  remove() { rmSync(this.site, { recursive: true, force: true }); }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function openBrowser() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (!executablePath) throw new Error("no Chromium: scripts/dev/bootstrap --tests installs it");
  return chromium.launch({
    executablePath, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// What went wrong in any page: violations of the content policy, script errors, answers of 500 and more. A test ends with none.
export const faults = [];

export class Person {
  constructor(page, host, login) { Object.assign(this, { page, host, login, base: "/nanjing", expected: [] }); }

  static async come(browser, host, login, { lang = "zh-CN", size = { width: 1366, height: 768 } } = {}) {
    const context = await browser.newContext({ viewport: size, locale: lang, timezoneId: "Asia/Shanghai", baseURL: host.url });
    const page = await context.newPage();
    const me = new Person(page, host, login);
    const fault = (text) => {
      if (!me.expected.some((e) => e.test(text))) faults.push(`${login} ${page.url()}: ${text}`);
    };
    page.on("console", (m) => { if (m.type() === "error") fault("console: " + m.text()); });
    page.on("pageerror", (e) => fault("script: " + e.message));
    page.on("response", (r) => { if (r.status() >= 500) fault(`${r.status()} ${r.url()}`); });
    await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)));
    if (login) await me.signIn();
    return me;
  }
  async signIn(next = "/") {
    await this.page.goto("/sign-in?next=" + next);
    await this.page.fill("#login", this.login);
    await this.page.fill("#password", password);
    await Promise.all([this.page.waitForURL((u) => !u.pathname.startsWith("/sign-in")), this.page.click("button[type=submit]")]);
  }
  go(path) { return this.page.goto(this.base + path); }
  text(selector = "main") { return this.page.innerText(selector); }
  async picture(name, fullPage = false) {
    await this.page.evaluate(() => document.fonts.ready);
    await this.page.screenshot({ path: join(pictures, name + ".png"), fullPage });
  }
  // The browser is told to expect a refusal: Chromium writes every answer of 400 and more into its console.
  expect(pattern) { this.expected.push(pattern); }
  leave() { return this.page.context().close(); }
}

// ---------------------------------------------------------------------------------------------- a small runner
let passed = 0;
let failed = 0;
export async function it(name, body) {
  const before = faults.length;
  const begun = Date.now();
  const took = () => `(${((Date.now() - begun) / 1000).toFixed(1)} s)`;
  try {
    await body();
    if (faults.length > before) throw new Error(faults.slice(before).join("\n      "));
    passed += 1;
    console.log(`ok    ${name} ${took()}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name} ${took()}\n      ${error.stack || error}`);
  }
}
export function check(condition, sentence) { if (!condition) throw new Error(sentence); }
export function summary() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed;
}
