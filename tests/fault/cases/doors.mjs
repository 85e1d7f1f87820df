// Who may do what. A denied request is told apart by its status and has changed nothing; a number is seen only where it is dialled.
import { assert, equal, match, roles, join, read, write, readdirSync } from "../lib.mjs";

const PHONES = ["13000000001", "13000000002", "13000000003", "13000000004"];
const SAID = ["13000000098", "13000000099"]; // what customers say is their own text
const ORDERS = `工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机,送修人,送修人手机,联系人,联系人手机,服务顾问,进厂里程,结算金额
RO2611180001,定期保养,2026-11-18,2026-11-18,渝AD12345,LS5TEST10TA000123,张某,${PHONES[0]},李某,${PHONES[1]},王某,${PHONES[2]},李工,12036,486
RO2611180002,定期保养,2026-11-17,2026-11-17,渝AD12346,LS5TEST10TA000124,赵某,${PHONES[3]},,,,,李工,22036,586
RO2611180003,定期保养,2026-11-16,2026-11-16,渝AD12347,LS5TEST10TA000125,钱某,${PHONES[3]},,,,,李工,22036,586
`;
const JSON_HEAD = { Accept: "application/json" };
const HTMX = { "HX-Request": "true" };

// A store with visits, calls, one call made by zhou with an unhappy customer, a form on its way.
async function morning(lib) {
  const dir = lib.site();
  const file = write(join(lib.scratch(), "orders.csv"), ORDERS);
  const done = lib.run(["run", "import-dms", "--site", dir, "--file", file]);
  equal(0, done.code, done.err);
  equal(0, lib.run(["run", "due-calls", "--site", dir, "--day", "2026-11-21"]).code, "due-calls");
  const host = await lib.serve(dir);
  const people = {};
  for (const login of Object.keys(roles)) people[login] = await lib.signIn(host.port, login);
  const tasks = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM call_task ORDER BY id").map((r) => r.id);
  assert(tasks.length >= 3, "tasks: " + tasks.length);
  return { dir, host, people, tasks, file };
}

const routesOf = (lib, dir) => JSON.parse(lib.run(["eval", "--site", dir, `local out = {} for _, d in ipairs(require("host.point") "pages") do out[#out + 1] = { method = d.data.method, path = d.data.path, root = d.data.root, who = d.data.who, params = d.data.params, plugin = d.plugin } end return out`, "--dealership", "nanjing"]).out);

// Something that suits each declared parameter, so that only the right to call decides.
function valuesFor(route, ids) {
  const form = {};
  for (const [name, type] of Object.entries(route.params || {})) {
    if (route.path.includes(":" + name) || /file/.test(type)) continue;
    form[name] = /integer|number/.test(type) ? "1" : /id/.test(type) ? ids.any : /day/.test(type) ? "2026-11-21" : /month/.test(type) ? "2026-11" : /boolean/.test(type) ? "1" : "x";
  }
  const path = (route.root ? "" : "/nanjing") + route.path.replace(/:(\w+)/g, (_, name) => (name === "layout" ? "month-service" : route.path.startsWith("/calls") ? ids.task : route.path.startsWith("/visits") ? ids.visit : route.path.startsWith("/scripts") ? "due-calls" : ids.any));
  return { path, form };
}

const may = (route, role) => route.who === "anyone" || route.who === "user" || route.who.includes(role);
function request(lib, port, route, { path, form }, cookie, csrf, headers = {}) {
  const all = { ...(cookie ? { Cookie: cookie } : {}), ...headers };
  if (route.method === "GET") return lib.ask(port, "GET", path + (Object.keys(form).length ? "?" + new URLSearchParams(form) : ""), { headers: all });
  return lib.ask(port, route.method, path, { form: csrf ? { _csrf: csrf, ...form } : form, headers: all });
}

// Runs all, then compares what is on disk; only if something changed is each run again alone to find the one.
async function unchanged(lib, dir, requests) {
  const before = lib.fingerprint(dir);
  for (const r of requests) await r.run();
  if (lib.fingerprint(dir) === before) return requests.length;
  for (const r of requests) {
    const one = lib.fingerprint(dir);
    await r.run();
    assert(lib.fingerprint(dir) === one, `${r.name} changed the store`);
  }
  throw new Error("the store changed");
}

export default {
  "every route, every role, and nobody": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const ids = { task: tasks[0], visit: lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_visit LIMIT 1")[0].id, any: "123456789" };
    const routes = routesOf(lib, dir), requests = [];
    assert(routes.length > 50, "routes: " + routes.length);
    for (const route of routes) {
      const what = valuesFor(route, ids), name = `${route.method} ${what.path}`;
      if (route.who !== "anyone")
        for (const headers of [{}, JSON_HEAD, HTMX])
          requests.push({ name: "nobody: " + name, run: async () => {
            const got = await request(lib, host.port, route, what, null, null, headers);
            assert(route.method === "GET" && headers !== JSON_HEAD && headers !== HTMX ? got.status === 303 && /^\/sign-in\?next=/.test(got.headers.location) : [401, 403].includes(got.status), `nobody: ${name}: ${got.status} ${got.headers.location || ""}`);
          } });
      for (const [login, role] of Object.entries(roles)) {
        if (may(route, role) || login === "lin") continue;
        requests.push({ name: `${login}: ${name}`, run: async () => {
          const got = await request(lib, host.port, route, what, people[login].cookie, people[login].csrf);
          equal(403, got.status, `${login}: ${name}:`);
        } });
      }
    }
    const n = await unchanged(lib, dir, requests);
    return `${routes.length} routes, ${n} denied requests`;
  },
  "a page that one may call does not fail": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const ids = { task: tasks[0], visit: lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_visit LIMIT 1")[0].id, any: "123456789" };
    const bad = [];
    for (const route of routesOf(lib, dir)) {
      if (route.method !== "GET") continue;
      for (const [login, role] of Object.entries(roles)) {
        if (!may(route, role)) continue;
        for (const headers of [{}, JSON_HEAD, HTMX])
          for (const strange of [false, true]) {
            const what = valuesFor(route, strange ? { task: "9223372036854775807", visit: "-1", any: "0" } : ids);
            const got = await request(lib, host.port, route, what, people[login].cookie, null, headers);
            if (got.status >= 500) bad.push(`${login} ${what.path}: ${got.status}`);
          }
      }
    }
    assert(bad.length === 0, [...new Set(bad)].join("\n") + "\n" + host.log.slice(-1500));
  },
  "without the token, with another's, from elsewhere": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const ids = { task: tasks[0], visit: lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_visit LIMIT 1")[0].id, any: "123456789" };
    const requests = [];
    const self = `127.0.0.1:${host.port}`;
    const ways = [["no token", null, {}], ["a wrong token", "x".repeat(64), {}], ["an empty token", "", {}], ["another person's token", "other", {}], ["a token in the address", "query", {}],
      ["a foreign origin", "right", { Origin: "http://evil.example" }], ["origin null", "right", { Origin: "null" }], ["a like origin", "right", { Origin: `http://${self}.evil.example` }], ["an origin with our name in it", "right", { Origin: `http://evil.example/${self}` }],
      ["another port", "right", { Origin: "http://127.0.0.1:1" }], ["a foreign page", "right", { "Sec-Fetch-Site": "cross-site" }], ["a neighbour's page", "right", { "Sec-Fetch-Site": "same-site" }]];
    for (const route of routesOf(lib, dir)) {
      if (route.method === "GET" || route.who === "anyone") continue;
      const what = valuesFor(route, ids);
      const login = Object.keys(roles).find((l) => may(route, roles[l]));
      const other = Object.keys(roles).find((l) => l !== login);
      for (const [way, token, headers] of ways) {
        const path = token === "query" ? `${what.path}?_csrf=${people[login].csrf}` : what.path;
        const form = { ...what.form, ...(token === null || token === "query" ? {} : { _csrf: token === "right" ? people[login].csrf : token === "other" ? people[other].csrf : token }) };
        requests.push({ name: `${route.method} ${what.path}: ${way}`, run: async () => {
          const got = await lib.ask(host.port, route.method, path, { form, headers: { Cookie: people[login].cookie, ...headers } });
          equal(403, got.status, `${route.method} ${path} with ${way}:`);
        } });
      }
    }
    const n = await unchanged(lib, dir, requests);
    const right = await people.zhou.post(`/nanjing/calls/${tasks[0]}/claim`, {}, { Origin: `http://${self}`, "Sec-Fetch-Site": "same-origin" });
    assert(right.status < 400, "the right token from the right place: " + right.status);
    const foreign = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password }, headers: { Origin: "http://evil.example" } });
    equal(403, foreign.status, "a foreign page cannot sign somebody in");
    return `${n} requests`;
  },
  "sessions: fresh at sign-in, gone at sign-out, gone with the password, the roles, the user": async (lib) => {
    const dir = lib.site();
    const host = await lib.serve(dir);
    const planted = "a".repeat(64);
    const answer = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password }, headers: { ...JSON_HEAD, Cookie: "forecourt_session=" + planted } });
    assert(lib.tokenOf(answer) && lib.tokenOf(answer) !== planted, "a token that was there before is not taken over");
    const zhou = await lib.signIn(host.port, "zhou");
    const again = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password, _csrf: zhou.csrf }, headers: { ...JSON_HEAD, Cookie: zhou.cookie } });
    assert(lib.tokenOf(again) !== zhou.cookie.split("=")[1], "each sign-in makes a new token");
    for (const cookie of ["forecourt_session=" + planted, "forecourt_session=", "forecourt_session=" + "x".repeat(5000), "forecourt_session=' OR 1=1 --"]) equal(303, (await lib.ask(host.port, "GET", "/nanjing/me", { headers: { Cookie: cookie } })).status, cookie.slice(0, 40));
    const line = (answer.headers["set-cookie"] || []).find((c) => c.startsWith("forecourt_session="));
    for (const part of [/HttpOnly/, /SameSite=Lax/, /Path=\//]) match(part, line, "the cookie");
    equal(200, (await zhou.get("/nanjing/me")).status, "before");
    const out = await zhou.post("/sign-out");
    equal(303, out.status, "sign-out");
    match(/forecourt_session=;.*Max-Age=0/, out.headers["set-cookie"].join(), "the cookie goes");
    equal(303, (await zhou.get("/nanjing/me")).status, "the token opens nothing after sign-out");
    equal(0, lib.sql(dir, `SELECT count(*) AS n FROM site_session WHERE token_hash LIKE '%${zhou.cookie.slice(-10)}%'`, "site")[0].n, "the token itself is not stored");
    const sun = await lib.signIn(host.port, "sun"), second = await lib.signIn(host.port, "sun");
    equal(0, lib.run(["user", "password", "--site", dir, "--login", "sun", "--password-file", "-"], { input: "another-pass-1\n" }).code, "password");
    for (const p of [sun, second]) equal(303, (await p.get("/nanjing/me")).status, "after the password changed");
    const he = await lib.signIn(host.port, "he");
    equal(0, lib.run(["user", "off", "--site", dir, "--login", "he"]).code, "off");
    equal(303, (await he.get("/nanjing/me")).status, "after the user was switched off");
    const names = JSON.parse(lib.run(["eval", "--site", dir, 'return require("host.who").names()']).out);
    assert(names.he, "what he did bears his name: " + JSON.stringify(names));
    const it = await lib.signIn(host.port, "it");
    equal(200, (await it.get("/nanjing/plugins")).status, "it");
    equal(0, lib.run(["user", "revoke", "--site", dir, "--login", "it", "--role", "it"]).code, "revoke");
    equal(403, (await it.get("/nanjing/plugins")).status, "after the role was taken");
  },
  "wrong passwords: the same sentence for all, then a wait that grows": async (lib) => {
    const dir = lib.site();
    const host = await lib.serve(dir);
    const attempt = (login, password) => lib.ask(host.port, "POST", "/sign-in", { form: { login, password }, headers: { "Accept-Language": "zh" } });
    const plain = (text) => text.replace(/value="[^"]*"/g, "").replace(/\d+/g, "N");
    const texts = { known: [], unknown: [] };
    const times = { known: 0, unknown: 0 };
    for (let i = 0; i < 8; i++)
      for (const [kind, login] of [["known", "zhou"], ["unknown", "nobody-here"]]) {
        const began = Date.now();
        const got = await attempt(login, "wrong-password-" + i);
        if (i < 4) times[kind] += Date.now() - began;
        equal(403, got.status, `${kind} ${i}`);
        texts[kind].push(plain(got.text));
      }
    for (let i = 0; i < 8; i++) equal(texts.known[i], texts.unknown[i], `attempt ${i}: known and unknown`);
    assert(texts.known[4] !== texts.known[6] || texts.known[5] !== texts.known[7] || /等|分钟|秒/.test(texts.known[7]), "the sentence says that one must wait: " + /data-sentence>(.*?)<\/div>/.exec(texts.known[7]));
    assert(times.unknown > times.known / 4 && times.known > times.unknown / 4, `times ${JSON.stringify(times)}`);
    equal(403, (await attempt("zhou", lib.password)).status, "the right password while locked");
    equal(200, (await lib.ask(host.port, "POST", "/sign-in", { form: { login: "lin", password: lib.password }, headers: JSON_HEAD })).status, "another person is not locked");
    const locks = lib.sql(dir, "SELECT failures, locked_until - failed_at AS wait FROM site_login_lock", "site");
    assert(locks.length === 2 && locks.every((l) => l.failures >= 5 && l.wait >= 30000), JSON.stringify(locks));
    const log = host.log + JSON.stringify(lib.sql(dir, "SELECT * FROM host_audit WHERE what LIKE 'sign_in%'"));
    assert(!/wrong-password/.test(log) && !log.includes(lib.password), "no password in the log");
    await host.stop();
    const later = await lib.serve(dir, { env: { FORECOURT_NOW: "2026-11-21T11:00:00" } });
    equal(200, (await lib.ask(later.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password }, headers: JSON_HEAD })).status, "after the wait, also over a restart");
  },
  "security headers on every status": async (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "broken", { "pages/p.lua": lib.pageOf("GET !/broken", 'error "x"') });
    const host = await lib.serve(dir);
    const zhou = await lib.signIn(host.port, "zhou");
    const cases = [[200, "GET", "/sign-in"], [200, "GET", "/healthz"], [200, "GET", "/assets/console/console.css"], [404, "GET", "/assets/console/nothing.js"], [404, "GET", "/nanjing/nothing", zhou], [303, "GET", "/nanjing/nothing"], [403, "GET", "/nanjing/plugins", zhou], [500, "GET", "/broken"], [405, "DELETE", "/sign-in"],
      [400, "GET", "/nanjing/calls?nonsense=1", zhou], [403, "POST", "/nanjing/me/lang", zhou], [413, "POST", "/sign-in", null, "x".repeat(3 << 20)], [414, "GET", "/" + "x".repeat(100000)], [401, "GET", "/nanjing/me", "json"], [422, "POST", "/sign-in", null, "login=&password="]];
    const seen = [];
    for (const [status, method, path, who, body] of cases) {
      const headers = { ...(who && who.cookie ? { Cookie: who.cookie } : {}), ...(who === "json" ? JSON_HEAD : {}), ...(body ? { "Content-Type": "application/x-www-form-urlencoded" } : {}) };
      const got = await lib.ask(host.port, method, path, { headers, body }).catch((e) => ({ status: e.message, headers: {} }));
      const where = `${method} ${path.slice(0, 40)}`;
      if (path.startsWith("/assets/console/console.css") && got.status === 404) continue; /* the name of the sheet is the console's business */
      if (status === 414) {
        assert([414, 431].includes(got.status) && !/xxxx/.test(got.text), where + ": " + got.status);
        continue; /* the HTTP library answers by itself, without any word of the request */
      }
      equal(status, got.status, where + " " + String(got.text).slice(0, 200));
      const csp = got.headers["content-security-policy"] || "";
      match(/default-src 'none'/, csp, where);
      assert(!/unsafe-inline|unsafe-eval|\*/.test(csp), `${where}: ${csp}`);
      for (const part of [/script-src 'self'/, /style-src 'self'/, /frame-ancestors 'none'/, /base-uri 'none'/, /form-action 'self'/]) match(part, csp, where);
      equal("nosniff", got.headers["x-content-type-options"], where);
      match(/no-referrer|same-origin/, got.headers["referrer-policy"], where);
      equal("same-origin", got.headers["cross-origin-opener-policy"], where);
      equal("same-origin", got.headers["cross-origin-resource-policy"], where);
      match(/no-store|max-age|no-cache/, got.headers["cache-control"], where);
      if (!path.startsWith("/assets")) match(/no-store/, got.headers["cache-control"], where);
      assert(!got.headers.server && !got.headers["x-powered-by"], where + ": says what it is made of");
      seen.push(got.status);
    }
    return [...new Set(seen)].join(" ");
  },
  "no inline script or style, no link to other sites, in any page": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const ids = { task: tasks[0], visit: lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_visit LIMIT 1")[0].id, any: "1" };
    for (const route of routesOf(lib, dir)) {
      if (route.method !== "GET") continue;
      const login = Object.keys(roles).find((l) => may(route, roles[l]));
      const got = await request(lib, host.port, route, { ...valuesFor(route, ids), form: {} }, people[login].cookie);
      if (!/html/.test(got.headers["content-type"] || "")) continue;
      assert(!/<script(?![^>]*\ssrc=)[^>]*>|<style|\son[a-z]+\s*=\s*["']|\sstyle\s*=\s*["']|javascript:/i.test(got.text), `${route.path}: ${/.{60}(<script(?![^>]*\ssrc=)|<style|\son[a-z]+\s*=\s*["']|\sstyle\s*=|javascript:).{60}/is.exec(got.text)}`);
      assert(!/(src|href|action)="(https?:)?\/\//i.test(got.text), `${route.path}: ${/.{20}(src|href|action)="(https?:)?\/\/.{60}/i.exec(got.text)}`);
    }
  },
  "the way back after the sign-in stays in the house": async (lib) => {
    const dir = lib.site();
    const host = await lib.serve(dir);
    for (const next of ["http://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "/%2f%2fevil.example", "/\tevil", "/\n//evil.example", "javascript:alert(1)", "/./\\evil.example", "/ /evil.example", ".evil.example", "@evil.example", "/nanjing/../..//evil.example", "x", "", "/sign-in?next=//evil.example", "/sign-out"]) {
      const got = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password, next } });
      equal(303, got.status, JSON.stringify(next));
      const to = new URL(got.headers.location, `http://127.0.0.1:${host.port}`);
      equal(`127.0.0.1:${host.port}`, to.host, JSON.stringify(next) + " leads to " + got.headers.location);
      assert(!/[\r\n]/.test(got.headers.location), "no second line");
      const shown = await lib.ask(host.port, "GET", "/sign-in?next=" + encodeURIComponent(next));
      assert(!/name="next" value="[^"/]/.test(shown.text) && !/name="next" value="\/[/\\]/.test(shown.text), JSON.stringify(next) + " stands in the form");
    }
    const deep = await lib.ask(host.port, "GET", "/nanjing/calls?tab=due");
    match(/^\/sign-in\?next=/, deep.headers.location);
    const good = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: lib.password, next: "/nanjing/calls" } });
    equal("/nanjing/calls", good.headers.location);
  },
  "wrong sign-ins from one address are answered at once, and keep nobody else waiting": async (lib) => {
    const dir = lib.site(), host = await lib.serve(dir);
    const from = (address, login, word, more = {}) => {
      const began = Date.now();
      return lib.ask(host.port, "POST", "/sign-in", { form: { login, password: word }, timeout: 60000, headers: { ...JSON_HEAD, ...(address ? { "X-Forwarded-For": "198.51.100.1, " + address } : {}), ...more } }).then((got) => ({ ...got, ms: Date.now() - began }));
    };
    const flood = Array.from({ length: 100 }, (_, i) => from("203.0.113.7", "nobody" + i, "wrong-password"));
    await lib.pause(50);
    const real = await from("203.0.113.8", "zhou", lib.password);
    const answers = await Promise.all(flood);
    equal(200, real.status, "somebody else's sign-in");
    assert(real.ms < 4000, `somebody else waited ${real.ms} ms`);
    const refused = answers.filter((a) => a.status === 429);
    assert(refused.length >= 75, `${refused.length} of 100 were refused`);
    match(/错误的登录太多.*秒/, refused[0].text);
    const more = await Promise.all(Array.from({ length: 20 }, () => from("203.0.113.7", "nobody", "wrong-password", { "Accept-Language": "en" })));
    match(/too many wrong sign-ins.*seconds/, (more.find((a) => a.status === 429) || { text: "none of 20 more is refused" }).text);
    // Behind a proxy that says nothing everybody is 127.0.0.1: nobody is shut out, at most told that it is busy.
    const behind = await Promise.all(Array.from({ length: 100 }, (_, i) => from(null, "nobody" + i, "wrong-password")));
    assert(behind.every((a) => a.status === 403 || a.status === 429), "behind a proxy: " + behind.map((a) => a.status));
    equal(200, (await from(null, "lin", lib.password)).status, "behind the proxy afterwards");
    return `somebody else waited ${real.ms} ms`;
  },
  "a full disk is no reason to tell strangers where the data lies": async (lib) => {
    if (!lib.isRoot()) return { skip: "needs root to mount a small disk" };
    const top = lib.scratch("tiny");
    equal(0, lib.spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", top]).status, "mount");
    lib.spawnSync("cp", ["-a", lib.site(), join(top, "site")]);
    const dir = join(top, "site"), host = await lib.serve(dir);
    lib.spawnSync("dd", ["if=/dev/zero", "of=" + join(top, "full"), "bs=4k"]);
    for (const lang of ["zh", "en"])
      for (const word of [lib.password, "wrong-password"]) {
        const got = await lib.ask(host.port, "POST", "/sign-in", { form: { login: "zhou", password: word }, headers: { "Accept-Language": lang } });
        assert(got.status >= 400, `${got.status}`);
        assert(!/site\.db|COMMIT|BEGIN|SQL|\/tmp/.test(got.text), "the page tells: " + /[^<>]*(site\.db|COMMIT|BEGIN|SQL)[^<>]*/.exec(got.text));
        match(lang === "en" ? /disk|IT/ : /磁盘|信息员/, got.text);
      }
    match(/disk is full/, host.log, "the log");
    lib.spawnSync("rm", [join(top, "full")]);
    await lib.signIn(host.port, "zhou");
  },
  "a number is seen in the claimed call and nowhere else": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const any = (list) => new RegExp(list.map((p) => `${p}|${p.slice(0, 3)}[ -]?${p.slice(3, 7)}[ -]?${p.slice(7)}`).join("|"));
    const archive = any(PHONES), spelled = any([...PHONES, ...SAID]);
    const visit = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_visit ORDER BY id LIMIT 1")[0].id;
    const routes = routesOf(lib, dir);
    // A morning: an unhappy answer, a form, its mail, a failed number, a search.
    const zhou = people.zhou, call = `/nanjing/calls/${tasks[0]}`;
    equal(true, (await zhou.post(call + "/claim")).status < 400, "claim");
    const open = await zhou.get(call);
    equal(200, open.status, "the claimed call");
    match(spelled, open.text, "the number to dial stands in the claimed call");
    for (const body of [{ item: "attitude", value: "2" }, { item: "remark", value: "请打 " + SAID[0] }]) await zhou.post(call + "/answer", body);
    const finished = await zhou.post(call + "/finish", { how: "serious", problem: "服务态度差，请回电 " + SAID[1], department: "service", note: "x" });
    assert(finished.status < 400, `finish: ${finished.status} ${finished.text.slice(0, 300)}`);
    const form = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM complaint_form LIMIT 1")[0];
    assert(form, "a tracking form was made");
    await zhou.post(`/nanjing/forms/${form.id}/send`);
    await lib.eventually(() => lib.sql(dir, "SELECT count(*) AS n FROM host_mail")[0].n > 0, "a mail");
    lib.run(["report", "month-service", "--site", dir, "--month", "2026-11"]);
    const leaks = [];
    const words = [PHONES[0], PHONES[0].slice(-4), "张某", "RO2611180001", "AD12345"];
    for (const route of routes) {
      if (route.method !== "GET") continue;
      for (const [login, role] of Object.entries(roles)) {
        if (!may(route, role)) continue;
        for (const headers of [{}, JSON_HEAD, HTMX])
          for (const task of tasks) {
            if (!route.path.startsWith("/calls/") && task !== tasks[0]) continue;
            const what = valuesFor(route, { task, visit, any: route.path.startsWith("/forms") ? form.id : route.path.startsWith("/import") ? lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM archive_import LIMIT 1")[0].id : "1" });
            for (const q of route.params && route.params.q ? words : [null]) {
              const got = await request(lib, host.port, route, { path: what.path, form: q ? { q } : {} }, people[login].cookie, null, headers);
              const text = q ? got.text.replaceAll(`value="${q}"`, "").replaceAll(`"q":"${q}"`, "").replaceAll(`“${q}”`, "") : got.text;
              if (spelled.test(text)) leaks.push(`${login} GET ${what.path}${q ? "?q=" + q : ""} ${headers.Accept || headers["HX-Request"] ? JSON.stringify(headers) : ""}: ${(/.{30}/.exec("") || "") + text.slice(Math.max(0, text.search(spelled) - 60), text.search(spelled) + 20)}`);
            }
          }
      }
    }
    // What a customer says is his own text and may be read by whoever may read the case; it is not a list, a log, a mail.
    // Who opens a call has claimed it; nobody else sees its number.
    const openers = {};
    for (const l of leaks) {
      const [, who, id] = /^(\w+) GET \/nanjing\/calls\/(\d+)(?!\/)/.exec(l) || [];
      if (id && archive.test(l)) (openers[id] = openers[id] || new Set()).add(who);
    }
    for (const [id, who] of Object.entries(openers)) assert(who.size === 1 && roles[[...who][0]] === "specialist", `call ${id} shows its number to ${[...who]}`);
    const real = leaks.filter((l) => (archive.test(l) && !/GET \/nanjing\/calls\/\d+ /.test(l)) || !/GET \/nanjing\/(calls|forms|minor)\/\d+/.test(l));
    assert(real.length === 0, `${real.length} leaks:\n${real.slice(0, 10).join("\n")}`);
    assert(!spelled.test(host.log), "the log: " + spelled.exec(host.log));
    for (const row of lib.sql(dir, "SELECT recipient, subject, body FROM host_mail")) assert(!spelled.test(JSON.stringify(row)), "a mail: " + JSON.stringify(row).slice(0, 300));
    await host.stop();
    for (const folder of ["data", "data/files", "data/mail"]) {
      let names = [];
      try { names = readdirSync(join(dir, folder)); } catch { continue; }
      for (const name of names.filter((n) => /\.(db|db-wal|eml|csv)$|^[0-9a-zA-Z-]+$/.test(n) && n !== "files" && n !== "mail")) {
        const found = lib.spawnSync("grep", ["-acE", [...PHONES, ...SAID].join("|"), join(dir, folder, name)], { encoding: "utf8" });
        assert(+found.stdout === 0, `${folder}/${name} holds a number in the clear`);
      }
    }
    return leaks.length ? `${leaks.length} views of a case show what its customer said` : "";
  },
  "what is written down about a customer is sealed on the disk": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const phones = lib.sql(dir, `SELECT CAST(p.id AS TEXT) AS id FROM archive_phone p JOIN archive_visit v ON p.customer_id IN (v.owner_id, v.bringer_id, v.contact_id) JOIN call_task t ON t.visit_id = v.id WHERE t.id = ${tasks[0]}`);
    const call = (n, act, form) => people.zhou.post(`/nanjing/calls/${tasks[n]}/${act}`, form);
    for (const phone of phones) await call(0, "result", { code: "EMPTY_NO", phone: phone.id });
    const fix = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM call_contact_fix")[0];
    const answered = await people.sun.post(`/nanjing/contact-fixes/${fix.id}`, { what: "same", reply: "太太的号码是 " + SAID[0] });
    assert(answered.status < 400, answered.text.slice(0, 300));
    const never = await call(1, "result", { code: "NEVER", note: "以后只打 " + SAID[1] });
    assert(never.status < 400, never.text.slice(0, 300));
    match(new RegExp(SAID[0]), (await people.sun.get("/nanjing/daily?day=2026-11-21")).text, "the daily report still shows the reply:");
    const visit = lib.sql(dir, `SELECT CAST(visit_id AS TEXT) AS id FROM call_task WHERE id = ${tasks[1]}`)[0].id;
    match(new RegExp(SAID[1]), (await people.sun.get("/nanjing/visits/" + visit)).text, "the card still says why not to call:");
    const looked = await people.sun.post(`/nanjing/visits/${visit}/unmask`, { phone: lib.sql(dir, `SELECT CAST(p.id AS TEXT) AS id FROM archive_phone p
      JOIN archive_visit v ON p.customer_id = COALESCE(v.bringer_id, v.owner_id, v.contact_id) WHERE v.id = ${visit}`)[0].id, reason: "他让我看 " + SAID[0] });
    assert(looked.status < 400, looked.text.slice(0, 300));
    match(new RegExp(SAID[0]), (await people.sun.get("/nanjing/looks")).text, "why a number was looked at is read:");
    equal("card", lib.sql(dir, "SELECT detail FROM host_audit WHERE what = 'unmask' ORDER BY id DESC LIMIT 1")[0].detail, "the audit row:");
    await host.stop();
    for (const name of readdirSync(join(dir, "data")).filter((f) => /^nanjing\.db/.test(f)))
      equal(0, +lib.spawnSync("grep", ["-acE", SAID.join("|"), join(dir, "data", name)], { encoding: "utf8" }).stdout, name + " holds it in the clear:");
  },
  "a run is cancelled by who started it, and what waited leaves no file": async (lib) => {
    const dir = lib.site(), host = await lib.serve(dir), people = {};
    for (const login of ["zhou", "lin", "sun"]) people[login] = await lib.signIn(host.port, login);
    const rows = Array.from({ length: 20000 }, (_, i) => `RO${100000 + i},LS5TEST10TA${100000 + i},2026-11-18,张某,${PHONES[0]}`).join("\n");
    const start = (who, name) => lib.startImport(who, name, "工单号,VIN,结算日期,车主,车主手机\n" + rows, ["order_no", "vin", "settled", "owner", "owner_mobile"]);
    const first = await start(people.lin, "first.csv"), second = await start(people.lin, "second.csv");
    const state = (job) => lib.sql(dir, `SELECT state FROM host_job WHERE id = ${job}`)[0].state;
    equal("queued", state(second.job), "one after the other");
    equal(422, (await people.zhou.post(`/nanjing/import/cancel/${second.job}`)).status, "a colleague");
    equal("queued", state(second.job), "after a colleague tried");
    const other = await people.zhou.post("/nanjing/call-list");
    equal(422, (await people.sun.post(`/nanjing/import/cancel/${/(\d+)$/.exec(other.headers.location)[1]}`)).status, "what is no import");
    equal(303, (await people.lin.post(`/nanjing/import/cancel/${second.job}`)).status, "who started it");
    equal("cancelled", state(second.job), "after she did");
    assert(!readdirSync(join(dir, "data/files")).includes(second.file), "its file is still there");
    equal(303, (await people.sun.post(`/nanjing/import/cancel/${first.job}`)).status, "the supervisor");
    await lib.eventually(() => !readdirSync(join(dir, "data/files")).includes(first.file), "the running one takes its file away", 10000);
  },
  "one dealership's people see nothing of another's": async (lib) => {
    const dir = lib.site();
    write(join(dir, "site.lua"), read(join(dir, "site.lua")).replace(/\{ id = "nanjing"/, '{ id = "other", name = { zh = "另一店", en = "Other" } },\n    { id = "nanjing"'));
    const host = await lib.serve(dir);
    const zhou = await lib.signIn(host.port, "zhou");
    equal(200, (await zhou.get("/nanjing/calls")).status, "her own");
    const wrong = [];
    for (const route of routesOf(lib, dir.replace(/$/, "")).filter((r) => !r.root)) {
      const what = valuesFor(route, { task: "1", visit: "1", any: "1" });
      const got = await request(lib, host.port, route, { ...what, path: what.path.replace("/nanjing", "/other") }, zhou.cookie, zhou.csrf);
      if (got.status !== 403) wrong.push(`${route.method} ${route.path}: ${got.status}`);
    }
    assert(wrong.length === 0, wrong.join("\n"));
  },
  "methods, paths and parameters that nobody declared": async (lib) => {
    const { dir, host, people, tasks } = await morning(lib);
    const zhou = people.zhou;
    const requests = [];
    const add = (name, fn) => requests.push({ name, run: fn });
    for (const path of ["/nanjing/calls/..%2f..%2fsecrets", "/nanjing/calls/%00", "/nanjing/calls/1%0d%0aX:%20y", "/nanjing//calls", "/nanjing/calls/", "/NANJING/calls", "/nanjing/calls/9223372036854775808", "/nanjing/calls/-1", "/nanjing/calls/1e3", "/nanjing/calls/0x10", "/nanjing/calls/%C3%28", "/assets/../secrets/master.key", "/assets/console/../../../secrets/master.key", "/assets/console/..%2f..%2fplugin.lua",
      "/assets/console/%2e%2e/plugin.lua", "/assets//etc/passwd", "/assets/console//etc/passwd", "/assets/console/", "/assets/", "/assets", "/nanjing/scripts/../calls", "/nanjing/reports/..%2f..%2fx"])
      add(path, async () => {
        const got = await zhou.get(path);
        assert(got.status >= 300 && got.status < 500 && !/return \{|BEGIN|root:x:/.test(got.text), `${path}: ${got.status} ${got.text.slice(0, 100)}`);
      });
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) add(method, async () => {
      const got = await lib.ask(host.port, method, `/nanjing/calls/${tasks[0]}/claim`, { headers: { Cookie: zhou.cookie } });
      assert(got.status >= 400 && got.status <= 501 && got.status !== 500, `${method}: ${got.status}`);
    });
    for (const form of [{ id: "1", nonsense: "x" }, { item: ["a", "b"] }, { item: "x".repeat(65), value: "1" }, { item: "\xff" }, { "item\u0000": "1" }]) add(JSON.stringify(form).slice(0, 40), async () => {
      const got = await zhou.post(`/nanjing/calls/${tasks[0]}/answer`, form);
      assert([400, 403, 422].includes(got.status), `${JSON.stringify(form).slice(0, 60)}: ${got.status}`);
    });
    const before = JSON.stringify(lib.tableCounts(dir)); /* each act on a call renews its claim, also a refused one: rows are counted */
    for (const r of requests) await r.run();
    equal(before, JSON.stringify(lib.tableCounts(dir)), "rows");
  },
};
