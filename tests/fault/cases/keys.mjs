// Keys: changing the master key under kill -9 and under a running host, where it may come from, and that an erased customer is gone.
import { readFileSync } from "node:fs";
import { assert, equal, match, pause } from "../lib.mjs";

const HEAD = "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机,送修人,送修人手机,服务顾问\n";
const OWNER = "13911112222", BRINGER = "13922223333", NAME = "欧阳送修";
const OPENED = `local db, vault = require "host.db", require "host.vault"
local n, erased = 0, 0
for _, r in ipairs(db.all "SELECT id, number_sealed FROM archive_phone") do
  local text, gone = vault.open("archive_phone", "number_sealed", r.id, r.number_sealed)
  if gone then erased = erased + 1 elseif text:match "^1%d+$" then n = n + 1 end
end
return { n, erased }`;

const keyOf = (lib, dir) => lib.join(dir, "secrets/master.key");

function opened(lib, dir, o = {}) {
  const got = lib.run(["eval", "--site", dir, "--as", "archive", OPENED], o);
  equal(0, got.code, "eval: " + got.err);
  return JSON.parse(got.out).join(" ");
}

// A site with orders: two of the same car, whose bringer is another than its owner; and one line that is refused.
function withOrders(lib, n = 30) {
  const dir = lib.site();
  const rows = Array.from({ length: n }, (_, i) => `RO2611${String(i).padStart(4, "0")},保养,2026-11-17,2026-11-18,苏A${10000 + i},LS5TEST10TA${String(i).padStart(6, "0")},车主${i},1380000${String(1000 + i)},,,李工`);
  rows.push(`RO26119990,保养,2026-06-01,2026-06-01,苏B12345,LS5TEST10TA999990,钱车主,${OWNER},${NAME},${BRINGER},李工`);
  rows.push(`RO26119991,保养,2026-11-17,2026-11-18,苏B12345,SHORT,钱车主,${OWNER},${NAME},${BRINGER},李工`);
  const file = lib.write(dir + ".csv", HEAD + rows.join("\n") + "\n");
  const got = lib.run(["run", "import-dms", "--site", dir, "--file", file]);
  equal(0, got.code, got.err);
  return dir;
}

const rotate = (lib, dir, o) => lib.run(["key", "rotate", "--site", dir], o);

const rotateOwn = (lib, dir, o) => lib.run(["key", "rotate", "--dealership-key", "--site", dir], o);
// what of the site still lies under an earlier pair, as doctor tells it
const unfinished = (lib, dir) => /the change of the dealership's key was not finished/.test(lib.run(["doctor", "--site", dir], { env: { FORECOURT_LANG: "en" } }).out);

// Every file of the site's data folder, by name.
function files(lib, folder) {
  const out = {};
  for (const e of lib.readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (e.isFile()) out[lib.join(e.parentPath || e.path, e.name)] = readFileSync(lib.join(e.parentPath || e.path, e.name));
  return out;
}
const holding = (all, text) => Object.entries(all).filter(([, bytes]) => bytes.includes(Buffer.from(text))).map(([name]) => name);

async function job(lib, person, dir, script, form) {
  const before = lib.sql(dir, "SELECT count(*) AS n FROM host_job")[0].n;
  const got = await person.post(`/nanjing/scripts/${script}`, form);
  assert(got.status < 400, `${script}: ${got.status} ${got.text.slice(0, 400)}`);
  return await (async () => {
    for (let i = 0; i < 400; i++) {
      const rows = lib.sql(dir, "SELECT state, error, result FROM host_job ORDER BY made_at DESC, id DESC LIMIT 1");
      if (lib.sql(dir, "SELECT count(*) AS n FROM host_job")[0].n > before && ["done", "failed"].includes(rows[0].state)) return rows[0];
      await pause(25);
    }
    throw new Error(script + " did not end");
  })();
}

export default {
  "kill -9 while the master key is changed: everything opens, and the next run ends it": async (lib) => {
    const dir = withOrders(lib);
    const want = opened(lib, dir);
    const kills = lib.long ? 300 : 25;
    let cut = 0;
    const whole = rotate(lib, dir).ms; // kills are spread over as long as it takes here
    for (let i = 0; i < kills; i++) {
      const child = lib.spawn(lib.binary(), ["key", "rotate", "--site", dir], { env: { ...process.env, FORECOURT_LANG: "en" }, stdio: "ignore" });
      const over = new Promise((done) => child.on("exit", (code, signal) => done(signal)));
      setTimeout(() => child.kill("SIGKILL"), Math.max(1, (whole * ((i * 7) % 25)) / 25));
      if (await over) cut++;
      if (i % 5 === 0) equal(want, opened(lib, dir), `after kill ${i}:`);
    }
    assert(cut > kills / 4, "killed while it ran: " + cut);
    equal(want, opened(lib, dir));
    for (let i = 0; i < 2; i++) equal(0, rotate(lib, dir).code);
    equal(want, opened(lib, dir));
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM dealership_key", "nanjing.keys")[0].n, "wrappings");
    equal("audit.key master.key", lib.readdirSync(lib.join(dir, "secrets")).sort().join(" "), "secrets/");
    return `${kills} runs of ${whole} ms, ${cut} killed`;
  },
  "the master key is changed while people open numbers": async (lib) => {
    const dir = withOrders(lib);
    const host = await lib.serve(dir);
    const sun = await lib.signIn(host.port, "sun");
    const visit = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id, CAST(owner_id AS TEXT) AS owner_id FROM archive_visit WHERE order_no = 'RO26110003'")[0];
    const phone = lib.sql(dir, `SELECT CAST(id AS TEXT) AS id FROM archive_phone WHERE customer_id = ${visit.owner_id}`)[0].id;
    let over = false, opens = 0;
    const look = (async () => {
      while (!over) {
        const got = await sun.post(`/nanjing/visits/${visit.id}/unmask`, { phone, reason: "test" });
        assert(got.status === 200 && got.text.includes("13800001003"), `unmask: ${got.status} ${got.text.slice(0, 300)}`);
        opens++;
      }
    })();
    const before = lib.read(keyOf(lib, dir));
    for (let i = 0; i < 5; i++) {
      const child = lib.spawn(lib.binary(), ["key", "rotate", "--site", dir], { env: { ...process.env, FORECOURT_LANG: "zh" } });
      equal(0, await new Promise((done) => child.on("exit", done)), "rotate:");
      await pause(30);
    }
    over = true;
    await look;
    assert(lib.read(keyOf(lib, dir)) !== before && opens > 5, "opened " + opens);
    // the running host seals: a number added now opens in a process that has the new key only
    const customer = visit.owner_id;
    equal(303, (await sun.post(`/nanjing/visits/${visit.id}/phones`, { customer, number: "13977770000" })).status, "a new number:");
    const n = +opened(lib, dir).split(" ")[0];
    equal(lib.sql(dir, "SELECT count(*) AS n FROM archive_phone")[0].n, n, "all numbers open:");
    const done = await job(lib, sun, dir, "due-calls", { p1: "2026-11-21" });
    equal("done", done.state, done.error);
    await host.stop();
    return `${opens} numbers opened meanwhile`;
  },
  "kill -9 while a dealership's own key is changed: everything opens and is found, and the next run goes on": async (lib) => {
    const dir = withOrders(lib, 300);
    const want = opened(lib, dir);
    const kills = lib.long ? 200 : 15;
    let cut = 0, half = 0;
    const whole = rotateOwn(lib, dir).ms;
    const pairs = () => lib.sql(dir, "SELECT count(*) AS n FROM past_pair", "nanjing.keys")[0].n;
    for (let i = 0; i < kills; i++) {
      const child = lib.spawn(lib.binary(), ["key", "rotate", "--dealership-key", "--site", dir], { env: { ...process.env, FORECOURT_LANG: "en" }, stdio: "ignore" });
      const over = new Promise((done) => child.on("exit", (code, signal) => done(signal)));
      // what is killed before the pause has not begun or has just begun: most kills fall after it
      const after = i % 3 === 0 ? (whole * (i % 10)) / 10 : whole - ((whole - 1000) * ((i * 7) % 15)) / 15;
      setTimeout(() => child.kill("SIGKILL"), Math.max(1, after));
      if (await over) cut++;
      if (i % 3) continue;
      equal(want, opened(lib, dir), `after kill ${i}:`);
      if (unfinished(lib, dir)) half++;
      if (pairs() > 50) break;
    }
    assert(cut > 3, "killed while it ran: " + cut);
    assert(half > 0, "doctor told of no change that was not finished");
    for (let i = 0; i < 2; i++) equal(0, rotateOwn(lib, dir).code);
    equal(want, opened(lib, dir));
    assert(!unfinished(lib, dir), "doctor says it is not finished");
    const again = lib.run(["run", "import-dms", "--site", dir, "--file", dir + ".csv", "--json"], { env: { FORECOURT_LANG: "en" } });
    equal(0, again.code, again.err);
    const all = lib.sql(dir, "SELECT sum(new) AS made, sum(updated) AS updated, sum(skipped) AS skipped FROM archive_import")[0];
    equal("301 0 301", `${all.made} ${all.updated} ${all.skipped}`, "the file twice:");
    return `${kills} runs of ${whole} ms, ${cut} killed, ${pairs()} earlier pairs`;
  },
  "a dealership's own key is changed while people search, open and add numbers": async (lib) => {
    const dir = withOrders(lib, 300);
    const host = await lib.serve(dir);
    const sun = await lib.signIn(host.port, "sun");
    const visit = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id, CAST(owner_id AS TEXT) AS owner_id FROM archive_visit WHERE order_no = 'RO26110003'")[0];
    const phone = lib.sql(dir, `SELECT CAST(id AS TEXT) AS id FROM archive_phone WHERE customer_id = ${visit.owner_id}`)[0].id;
    let over = false, asked = 0, added = 0;
    const look = (async () => {
      for (let i = 0; !over; i = (i + 1) % 300, asked++) {
        const found = await sun.get(`/nanjing/search?q=${13800001000 + i}`);
        equal(303, found.status, `search ${i} leads to the one card:`);
        const got = await sun.post(`/nanjing/visits/${visit.id}/unmask`, { phone, reason: "test" });
        assert(got.status === 200 && got.text.includes("13800001003"), `unmask: ${got.status} ${got.text.slice(0, 300)}`);
        if (i % 5 === 0 && added < 50) equal(303, (await sun.post(`/nanjing/visits/${visit.id}/phones`, { customer: visit.owner_id, number: String(13977770000 + added++) })).status, "a new number:");
      }
    })();
    for (let i = 0; i < 3; i++) {
      const got = await lib.measured(["key", "rotate", "--dealership-key", "--site", dir], { env: { FORECOURT_LANG: "en" } });
      equal(0, got.code, "rotate: " + got.out + got.err);
    }
    over = true;
    await look;
    const n = +opened(lib, dir).split(" ")[0];
    equal(lib.sql(dir, "SELECT count(*) AS n FROM archive_phone")[0].n, n, "all numbers open:");
    assert(!unfinished(lib, dir), "doctor says it is not finished");
    equal(3, lib.sql(dir, "SELECT count(*) AS n FROM host_audit WHERE what = 'key.rotate' AND subject = 'dealership'")[0].n, "audit rows:");
    await lib.eventually(() => lib.sql(dir, "SELECT count(*) AS n FROM host_audit WHERE seq IS NULL")[0].n === 0, "audit rows are chained", 5000);
    const done = await job(lib, sun, dir, "due-calls", { p1: "2026-11-21" }); // gets the pair as it is now
    equal("done", done.state, done.error);
    await host.stop();
    return `${asked} searches and ${added} new numbers meanwhile`;
  },
  "one rotation at a time: the second is refused and changes nothing": async (lib) => {
    const dir = lib.site(), secrets = lib.join(dir, "secrets"), key = lib.read(keyOf(lib, dir));
    // The first one is held still: by the lock that it holds, for as long as this pipe is open.
    const first = lib.spawn("flock", ["-n", secrets, "sh", "-c", "echo held; read line"], { stdio: ["pipe", "pipe", "inherit"] });
    const over = new Promise((done) => first.on("exit", done));
    await new Promise((done) => first.stdout.once("data", done));
    for (const what of [[], ["--dealership-key"]])
      lib.says(["key", "rotate", ...what, "--site", dir], 1, /另一个 forecourt key rotate/, /another forecourt key rotate/);
    equal(key, lib.read(keyOf(lib, dir)), "the key:");
    first.stdin.end("\n");
    equal(0, await over, "flock:");
    equal(0, rotateOwn(lib, dir).code, "when it has ended:");
    equal(0, rotate(lib, dir).code, "when it has ended:");
  },
  "a folder whose name looks like a pattern: doctor sees the files, a rotation the halves": async (lib) => {
    const dir = lib.site("a[1]*");
    lib.says(["doctor", "--site", dir], 0, /nanjing\.db: \d+ 页与校验和相符/, /nanjing\.db: \d+ pages fit their sums/);
    lib.write(lib.join(dir, "secrets/master.key.0000abcd.tmp"), "half");
    equal(0, rotate(lib, dir).code);
    equal("audit.key master.key", lib.readdirSync(lib.join(dir, "secrets")).sort().join(" "), "secrets/");
  },
  "a dealership that left site.lua opens after a rotation, too": async (lib) => {
    const dir = lib.site(), config = lib.join(dir, "site.lua"), one = lib.read(config);
    const two = one.replace(/dealerships = \{/, 'dealerships = {\n    { id = "suzhou", name = { zh = "苏州", en = "Suzhou" } },');
    lib.write(config, two);
    equal(0, lib.run(["eval", "--site", dir, "--dealership", "suzhou", "return 1"]).code, "two:");
    lib.write(config, one);
    lib.says(["key", "rotate", "--site", dir], 0, /主密钥已更换/, /master key is changed/);
    lib.write(config, two);
    const back = lib.run(["eval", "--site", dir, "--dealership", "suzhou", "return 1"]);
    equal(0, back.code, "it comes back: " + back.err);
    // one that does not open is told before anything is changed
    lib.write(config, one);
    const key = lib.read(keyOf(lib, dir));
    lib.sql(dir, "UPDATE dealership_key SET master = '0000000000000000'", "suzhou.keys");
    lib.says(["key", "rotate", "--site", dir], 1, /suzhou\.keys\.db.*另一把主密钥/, /suzhou\.keys\.db.*another master key/);
    equal(key, lib.read(keyOf(lib, dir)), "the key:");
  },
  "the master key from the environment or a credential reaches jobs and no /proc": async (lib) => {
    const dir = withOrders(lib);
    const key = lib.read(keyOf(lib, dir)).trim();
    lib.rmSync(keyOf(lib, dir));
    const host = await lib.serve(dir, { env: { FORECOURT_MASTER_KEY: key } });
    assert(!readFileSync(`/proc/${host.child.pid}/environ`).includes(Buffer.from(key)), "the key stands in /proc/PID/environ");
    const sun = await lib.signIn(host.port, "sun");
    const done = await job(lib, sun, dir, "due-calls", { p1: "2026-11-21" });
    equal("done", done.state, done.error);
    equal(0, rotateOwn(lib, dir, { env: { FORECOURT_MASTER_KEY: key } }).code, "a dealership's own key:");
    const found = await sun.get("/nanjing/search?q=13800001003"); // the running host reads its variable again
    equal(303, found.status, "a search:");
    const after = await job(lib, sun, dir, "due-calls", { p1: "2026-11-21" }); // and hands the new pair on
    equal("done", after.state, after.error);
    // the backup that is due at the start
    const good = () => lib.sql(dir, "SELECT ok, error_en, file FROM site_backup", "site")[0] || {};
    for (let i = 0; i < 400 && (good().ok ?? null) === null; i++) await pause(25);
    equal(1, good().ok, "the scheduled backup: " + good().error_en);
    const file = lib.write(lib.join(lib.scratch("key"), "master.key"), key + "\n");
    lib.chmodSync(file, 0o600);
    lib.says(["restore", good().file, "--verify", "--key", file], 0, /完好/, /sound/);
    await host.stop();
    lib.says(["backup", "--site", dir], 1, /主密钥不存在/, /the master key is missing/);
    lib.says(["backup", "--site", dir], 0, /MiB/, /MiB/, { env: { FORECOURT_MASTER_KEY: key } });
    lib.says(["doctor", "--site", dir], 0, /主密钥 [0-9a-f]{16}，来自 FORECOURT_MASTER_KEY\n/, /master key [0-9a-f]{16} from FORECOURT_MASTER_KEY\n/, { env: { FORECOURT_MASTER_KEY: key } });
    lib.says(["eval", "--site", dir, "return 1"], 1, /主密钥不存在/, /the master key is missing/);
    lib.says(["eval", "--site", dir, "return 1"], 1, /另一把主密钥/, /wrapped with another master key/, { env: { FORECOURT_MASTER_KEY: "0".repeat(64) } });
    const credentials = lib.scratch("cred");
    lib.write(lib.join(credentials, "forecourt.master-key"), key + "\n");
    lib.chmodSync(lib.join(credentials, "forecourt.master-key"), 0o400);
    equal("32 0", opened(lib, dir, { env: { CREDENTIALS_DIRECTORY: credentials } }), "with the credential:");
    lib.says(["backup", "--site", dir], 0, /MiB/, /MiB/, { env: { CREDENTIALS_DIRECTORY: credentials } });
    lib.says(["eval", "--site", dir, "return 1"], 1, /两个不同的来源/, /two places that differ/, { env: { CREDENTIALS_DIRECTORY: credentials, FORECOURT_MASTER_KEY: "0".repeat(64) } });
    lib.says(["key", "show", "--site", dir], 0, /指纹 [0-9a-f]{16}，来源 systemd 凭据/, /fingerprint [0-9a-f]{16}, from systemd credential/, { env: { CREDENTIALS_DIRECTORY: credentials } });
    const shown = lib.run(["key", "show", "--site", dir], { env: { CREDENTIALS_DIRECTORY: credentials } });
    assert(!(shown.out + shown.err).includes(key), "key show prints the key");
  },
  "asked for, approved and run in the console": async (lib) => {
    const dir = withOrders(lib, 2);
    const host = await lib.serve(dir);
    const [sun, gao, it, zhou] = [await lib.signIn(host.port, "sun"), await lib.signIn(host.port, "gao"), await lib.signIn(host.port, "it"), await lib.signIn(host.port, "zhou")];
    const visit = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id, CAST(bringer_id AS TEXT) AS customer FROM archive_visit WHERE order_no = 'RO26119990'")[0];
    const form = { customer: visit.customer, ground: "withdrawn" };
    equal(403, (await zhou.post(`/nanjing/visits/${visit.id}/erasure`, form)).status, "a specialist asks:");
    equal(422, (await sun.post(`/nanjing/visits/${visit.id}/erasure`, { ...form, customer: "7" })).status, "somebody of another card:");
    equal(303, (await sun.post(`/nanjing/visits/${visit.id}/erasure`, form)).status, "the supervisor asks:");
    const no = lib.sql(dir, "SELECT no FROM archive_erasure")[0].no;
    equal(403, (await sun.post(`/nanjing/erasures/${no}/approve`)).status, "the supervisor approves:");
    equal(403, (await it.post(`/nanjing/erasures/${no}/approve`)).status, "IT approves:");
    match(/待批准/, (await gao.get("/nanjing/erasures")).text, "the list:");
    equal(303, (await gao.post(`/nanjing/erasures/${no}/approve`)).status, "the general manager approves:");
    equal(403, (await sun.post(`/nanjing/erasures/${no}/run`)).status, "the supervisor runs it:");
    equal(303, (await it.post(`/nanjing/erasures/${no}/run`)).status, "IT runs it:");
    await lib.eventually(() => lib.sql(dir, "SELECT state FROM host_job")[0].state === "done", "the job ends", 10000);
    const page = await it.get(`/nanjing/erasures/${no}`);
    match(/2026-12-21 之后/, page.text, "the certificate:");
    match(/after 2026-12-21 no backup/, page.text, "the certificate:");
    assert(!page.text.includes(NAME), "IT sees no name");
    const card = await sun.get(`/nanjing/visits/${visit.id}`);
    match(/（已按本人要求删除）/, card.text, "the card:");
    await host.stop();
  },
  "a lost key store is not replaced": (lib) => {
    const dir = withOrders(lib, 2);
    lib.rmSync(lib.join(dir, "data/nanjing.keys.db"));
    for (const end of ["-wal", "-shm"]) lib.rmSync(lib.join(dir, "data/nanjing.keys.db" + end), { force: true });
    lib.says(["eval", "--site", dir, "return 1"], 1, /密钥库不见了/, /the key store is gone/);
    lib.says(["key", "rotate", "--site", dir], 1, /密钥库不见了/, /the key store is gone/);
    assert(!lib.existsSync(lib.join(dir, "data/nanjing.keys.db")), "a new one was made");
    lib.says(["key"], 2, /需要 show 或 rotate/, /needs show or rotate/);
    lib.says(["key", "rotate", "--dealership-key", "--site", dir], 1, /密钥库不见了/, /the key store is gone/);
    lib.says(["key", "show", "--dealership-key", "--site", dir], 2, /只用于 rotate/, /for rotate only/);
  },
  "an erased customer is gone from every file, and comes back from no backup but that of the keys": async (lib) => {
    const dir = withOrders(lib);
    const run = (who, ...words) => {
      const got = lib.run(["run", "erase-customer", "--site", dir, ...(who ? ["--as", who] : []), "--json", ...words]);
      return { ...got, all: got.out + got.err };
    };
    const refused = lib.readdirSync(lib.join(dir, "data/files")).filter((f) => f.startsWith("refused-"));
    equal(1, refused.length, "refused lines given back:");
    match(new RegExp(BRINGER), lib.read(lib.join(dir, "data/files", refused[0])), "they hold the number");
    const host = await lib.serve(dir); // a running host keeps keys in memory and pages in the log
    const sun = await lib.signIn(host.port, "sun");
    const visit = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id, CAST(bringer_id AS TEXT) AS bringer_id FROM archive_visit WHERE order_no = 'RO26119990'")[0];
    const phone = lib.sql(dir, `SELECT CAST(id AS TEXT) AS id FROM archive_phone WHERE customer_id = ${visit.bringer_id}`)[0].id;
    const open = () => sun.post(`/nanjing/visits/${visit.id}/unmask`, { phone, reason: "test" });
    match(new RegExp(BRINGER), (await open()).text, "before:");
    const index = lib.sql(dir, `SELECT number_index AS i FROM archive_phone WHERE id = ${phone}`)[0].i;
    lib.spawnSync("cp", ["-a", lib.join(dir, "data"), lib.join(dir, "before")]);

    const asked = run("sun", "--act", "request", "--order", "RO26119990", "--person", "bringer");
    equal(0, asked.code, asked.all);
    const no = /SC-\d{8}-\d{3}/.exec(asked.out)[0];
    equal(1, run(null, "--act", "erase", "--no", no).code, "IT without approval:");
    equal(1, run("sun", "--act", "approve", "--no", no).code, "the supervisor approves:");
    equal(0, run("gao", "--act", "approve", "--no", no).code, "approve:");
    const done = run(null, "--act", "erase", "--no", no);
    equal(0, done.code, done.all);
    match(/2026-12-21/, done.out, "the day after which no backup brings it back:");
    equal(0, run(null, "--act", "erase", "--no", no).code, "twice:");

    // the running host: its memory of the key is gone, the page opens, the number does not
    const got = await open();
    equal(200, got.status, "the page:");
    match(/已按本人要求删除/, got.text, "the running host:");
    equal(200, (await sun.get(`/nanjing/visits/${visit.id}`)).status, "the card:");
    const all = files(lib, lib.join(dir, "data"));
    for (const text of [BRINGER, NAME, index]) equal("", holding(all, text).join(" "), `'${text}' stands in`);
    await host.stop();
    assert(!host.log.includes(BRINGER) && !host.log.includes(NAME), "the log names the customer");
    const left = files(lib, lib.join(dir, "data"));
    for (const text of [BRINGER, NAME, index]) equal("", holding(left, text).join(" "), `after the end '${text}' stands in`);
    equal("31 1", opened(lib, dir), "the others open:");

    // everything that is on disk, and the data as it was before, but not the keys as they were: nothing opens
    const again = lib.site("again");
    lib.spawnSync("sh", ["-c", 'rm -rf "$2/data" && cp -a "$1/before" "$2/data" && rm -f "$2"/data/nanjing.keys.db* && cp "$1"/data/nanjing.keys.db* "$2/data/" && cp "$1/secrets/master.key" "$2/secrets/master.key"', "sh", dir, again]);
    equal("31 1", opened(lib, again), "old data with today's keys:");
    // the key store of before, in the site of today: what was erased is erased again at the start
    const back = lib.site("back");
    lib.spawnSync("sh", ["-c", 'rm -rf "$2/data" && cp -a "$1/data" "$2/data" && rm -f "$2"/data/nanjing.keys.db* && cp "$1"/before/nanjing.keys.db* "$2/data/" && cp "$1/secrets/master.key" "$2/secrets/master.key"', "sh", dir, back]);
    equal("31 1", opened(lib, back), "today's data with an old key store:");
    const report = lib.run(["doctor", "--site", back], { env: { FORECOURT_LANG: "en" } });
    match(/sealed fields of \d+ persons have their keys, 1 of them are erased/, report.out, "doctor:");
    lib.sql(back, "DELETE FROM person_key WHERE person IN (SELECT person FROM person_key WHERE wrapped IS NOT NULL ORDER BY person LIMIT 2)", "nanjing.keys");
    lib.says(["doctor", "--site", back], 1, /2 个人的密封字段没有密钥（如 archive_phone\.number_sealed）/, /sealed fields of 2 persons have no key \(as in archive_phone\.number_sealed\)/);
  },
};
