// kill -9 while an import runs, while plugins change; and a proper end. (Under load, with a ledger: ledger.mjs.)
import { assert, equal, pause, readdirSync } from "../lib.mjs";

const PLUGIN = `local page, db = require "host.page", require "host.db"
return {
  page "POST !/ledger" { who = "anyone", params = { key = "string:40!" }, function(req)
    db.tx(function()
      db.run("INSERT INTO ledger_row (id, what, subject) VALUES (?, 'ledger.one', ?)", db.id(), req.params.key)
      db.run("INSERT INTO ledger_row (id, what, subject) VALUES (?, 'ledger.two', ?)", db.id(), req.params.key)
    end)
    return { kept = req.params.key }
  end },
}
`;

const TABLE = "CREATE TABLE ledger_row (id INTEGER PRIMARY KEY, what TEXT NOT NULL, subject TEXT NOT NULL) STRICT;\n";

export default {
  "kill -9 while an import runs; run again, it is whole": async (lib) => {
    const dir = lib.site();
    const rows = Array.from({ length: 4000 }, (_, i) => `RO26111${String(i).padStart(6, "0")},保养,2026-11-18,2026-11-18,苏A${String(i).padStart(5, "0")},LS5TEST10TA${String(i).padStart(6, "0")},张${i},13000${String(i).padStart(6, "0")}`);
    const file = lib.write(lib.join(lib.scratch(), "many.csv"), "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + rows.join("\n") + "\n");
    for (const ms of [250, 500, 900]) {
      lib.spawnSync("timeout", ["-s", "KILL", String(ms / 1000), lib.binary(), "run", "import-dms", "--site", dir, "--file", file], { env: { ...process.env, FORECOURT_NOW: lib.NOW } });
      equal("ok", lib.sql(dir, "PRAGMA integrity_check")[0].integrity_check, "integrity");
      equal(0, lib.sql(dir, "PRAGMA foreign_key_check").length, "foreign keys");
    }
    const got = lib.run(["run", "import-dms", "--site", dir, "--file", file, "--json"], { timeout: 300000 });
    equal(0, got.code, got.err);
    const sum = JSON.parse(got.out.trim().split("\n").pop());
    equal(4000, sum.new + sum.updated + sum.skipped, JSON.stringify(sum));
    equal(4000, lib.sql(dir, "SELECT count(*) AS n FROM archive_visit")[0].n, "visits");
    equal(4000, lib.sql(dir, "SELECT count(DISTINCT order_no) AS n FROM archive_visit")[0].n, "orders");
    const again = JSON.parse(lib.run(["run", "import-dms", "--site", dir, "--file", file, "--json"], { timeout: 300000 }).out.trim().split("\n").pop());
    equal(4000, again.skipped, "twice changes nothing: " + JSON.stringify(again));
  },
  "kill -9 of the server while an import started in the console runs": async (lib) => {
    const dir = lib.site();
    const rows = Array.from({ length: 30000 }, (_, i) => `RO26111${String(i).padStart(6, "0")},保养,2026-11-18,2026-11-18,苏A${String(i).padStart(5, "0")},LS5TEST10TA${String(i).padStart(6, "0")},张${i},13000${String(i).padStart(6, "0")}`);
    const text = "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + rows.join("\n") + "\n";
    const host = await lib.serve(dir), sun = await lib.signIn(host.port, "sun");
    await lib.startImport(sun, "orders.csv", text, ["order_no", "kind", "settled", "picked_up", "plate", "vin", "owner", "owner_mobile"]);
    const visits = () => lib.sql(dir, "SELECT count(*) AS n FROM archive_visit")[0].n;
    await lib.eventually(() => visits() > 0, "the import runs", 15000);
    const beside = await lib.serve(dir);
    equal("running", lib.sql(dir, "SELECT state FROM host_job")[0].state, "a second server on the same site takes no job for dead that runs:");
    await beside.stop();
    await host.stop("SIGKILL");
    await pause(300);
    const left = visits();
    await pause(700);
    equal(left, visits(), "the import goes on without its server: visits");
    assert(left < 30000, "it was stopped in the middle");
    await lib.serve(dir);
    const job = await lib.eventually(() => lib.sql(dir, "SELECT state, error FROM host_job").find((j) => j.state === "failed"), "the job is said to have ended");
    assert(/再运行一次/.test(job.error), job.error);
    equal(0, readdirSync(lib.join(dir, "data/files")).length, "copies of the file, with every number in the clear:");
  },
  "kill -9 of an import from the command line: its copy of the file goes, a living one's stays": async (lib) => {
    const dir = lib.site(), files = () => readdirSync(lib.join(dir, "data/files"));
    const rows = Array.from({ length: 60000 }, (_, i) => `RO26111${String(i).padStart(6, "0")},LS5TEST10TA${String(i).padStart(6, "0")},2026-11-18,张${i},13000${String(i).padStart(6, "0")}`);
    const file = lib.write(lib.join(lib.scratch(), "many.csv"), "工单号,底盘号,结算日期,车主,车主手机\n" + rows.join("\n") + "\n");
    const begin = () => lib.spawn(lib.binary(), ["run", "import-dms", "--site", dir, "--file", file], { stdio: "ignore", env: { ...process.env, FORECOURT_NOW: lib.NOW } });
    const killed = begin();
    await lib.eventually(() => files().length === 1, "the copy");
    const left = files()[0];
    killed.kill("SIGKILL");
    await pause(200);
    equal(left, files()[0], "after the kill");
    const living = begin();
    try {
      const mine = await lib.eventually(() => files().find((f) => f !== left), "the living one's copy");
      living.kill("SIGSTOP");
      assert(!files().includes(left), "the next run leaves the dead one's copy: " + files());
      lib.write(lib.join(dir, "data/files", left), "x");
      const host = await lib.serve(dir);
      assert(!files().includes(left), "the next server leaves the dead one's copy: " + files());
      assert(files().includes(mine), "the living one's copy is gone");
      await host.stop();
    } finally {
      living.kill("SIGKILL");
    }
  },
  "two imports of one file at once: both end well, nothing is there twice": async (lib) => {
    const dir = lib.site(), rows = lib.long ? 5000 : 2000;
    const file = lib.write(lib.join(lib.scratch(), "many.csv"), "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + Array.from({ length: rows }, (_, i) => `RX${100000 + i},定期保养,2026-11-18,2026-11-18,渝AD${10000 + i},LS5TEST10TA${100000 + i},张${i},130${10000000 + i}\n`).join(""));
    const both = await Promise.all([0, 150].map((ms) => pause(ms).then(() => lib.measured(["run", "import-dms", "--site", dir, "--file", file, "--json"]))));
    for (const one of both) equal(0, one.code, one.err.slice(-500) + " exit code:");
    const sums = both.map((one) => JSON.parse(one.out.trim().split("\n").pop()));
    equal(rows, sums[0].new + sums[1].new, `new lines of both (${JSON.stringify(sums)}):`);
    equal(2 * rows, sums[0].read + sums[1].read, "read lines of both:");
    for (const table of ["archive_visit", "archive_vehicle", "call_task"]) equal(rows, lib.sql(dir, `SELECT count(*) AS n FROM ${table}`)[0].n, table);
    equal(0, lib.sql(dir, "SELECT 1 FROM archive_import WHERE ended_at IS NULL").length, "imports that did not end:");
    equal("ok", lib.sql(dir, "PRAGMA integrity_check")[0].integrity_check, "integrity");
  },
  "answers while a large import runs: every one is kept": async (lib) => {
    const dir = lib.site(), rows = (n, x) => "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + Array.from({ length: n }, (_, i) => `${x}${100000 + i},定期保养,2026-11-18,2026-11-18,渝AD${10000 + i},LS5TEST10TA${100000 + i},张${i},130${10000000 + i}\n`).join("");
    const file = (name, text) => lib.write(lib.join(lib.scratch(), name), text);
    lib.run(["run", "import-dms", "--site", dir, "--file", file("few.csv", rows(5, "RA"))]);
    const host = await lib.serve(dir), zhou = await lib.signIn(host.port, "zhou");
    const call = "/nanjing/calls/" + lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM call_task LIMIT 1")[0].id;
    equal(200, (await zhou.get(call)).status, "the call");
    let over = false, slowest = 0, n = 0;
    const job = lib.measured(["run", "import-dms", "--site", dir, "--file", file("many.csv", rows(lib.long ? 20000 : 8000, "RX"))]).then((got) => { over = true; return got; });
    for (; !over; n++) {
      const began = Date.now(), value = String((n % 10) + 1);
      const got = await zhou.post(call + "/answer", { item: "attitude", value }, { Accept: "application/json" });
      equal(200, got.status, `answer ${n} (${got.text.slice(0, 200)}; ${host.log.split("\n").filter((l) => / error /.test(l))[0]}):`);
      slowest = Math.max(slowest, Date.now() - began);
      await pause(20);
    }
    const got = await job;
    equal(0, got.code, got.err.slice(-300) + " the import:");
    return `${n} answers, the slowest ${slowest} ms`;
  },
  "kill -9 while plugins change": async (lib) => {
    const dir = lib.site();
    const text = (v) => `local page = require "host.page"\nreturn page "GET !/v" { who = "anyone", function() return { v = "${v}" } end }\n`;
    lib.plugin(dir, "a", { "pages/p.lua": text("start") });
    for (let i = 0; i < 12; i++) {
      const host = await lib.serve(dir);
      lib.write(lib.join(dir, "plugins/a/pages/p.lua"), i % 3 === 2 ? "return (\n" : text("v" + i));
      await pause(5 + i * 11);
      await host.stop("SIGKILL");
    }
    lib.write(lib.join(dir, "plugins/a/pages/p.lua"), text("end"));
    const host = await lib.serve(dir);
    equal("end", JSON.parse((await lib.ask(host.port, "GET", "/v", { headers: { Accept: "application/json" } })).text).v);
    equal(0, lib.sql(dir, "SELECT count(*) AS n FROM host_live_set WHERE hash NOT IN (SELECT hash FROM host_blob)")[0].n, "every row of the live set has its source");
  },
  "SIGTERM ends soon and answers what was asked": async (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "ledger", { "pages/p.lua": PLUGIN, "migrations/0001_row.sql": TABLE });
    const host = await lib.serve(dir), kept = [];
    const asked = Array.from({ length: 20 }, (_, i) => lib.ask(host.port, "POST", "/ledger", { form: { key: "t" + i }, headers: { Accept: "application/json" } }).then((g) => g.status === 200 && kept.push("t" + i), () => {}));
    await pause(3);
    const began = Date.now();
    await host.stop("SIGTERM");
    assert(Date.now() - began < 5000, `took ${Date.now() - began} ms`);
    equal(0, host.code, "exit code");
    await Promise.all(asked);
    const there = new Set(lib.sql(dir, "SELECT subject FROM ledger_row").map((r) => r.subject));
    for (const key of kept) assert(there.has(key), key + " is lost");
  },
};
