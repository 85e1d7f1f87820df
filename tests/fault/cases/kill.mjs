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
