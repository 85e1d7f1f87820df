// A plugin's tables: what is wrong with a migration puts nothing of it in force; what ran, ran once; a kill in the middle leaves nothing.
import { join, write, rmSync, equal, assert, match, eventually } from "../lib.mjs";

const json = { headers: { Accept: "application/json" } };
const CAR = "-- the cars\nCREATE TABLE loan_car (id INTEGER PRIMARY KEY, plate TEXT NOT NULL) STRICT;\nCREATE INDEX loan_car_plate ON loan_car (plate);\n";
const ORDER = "CREATE TABLE loan_order (id INTEGER PRIMARY KEY, car_id INTEGER NOT NULL REFERENCES loan_car (id)) STRICT;\n";
const page = (said) => `local page, db = require "host.page", require "host.db"
return page "GET !/loan" { who = "anyone", function() return { v = "${said}", n = db.one("SELECT COUNT(*) AS n FROM loan_car").n } end }
`;
const file = (dir, name) => join(dir, "plugins/loan/migrations", name);
const loan = (lib, dir, files, more = {}) =>
  lib.plugin(dir, "loan", { "pages/p.lua": page("one"), ...Object.fromEntries(Object.entries(files).map(([name, text]) => ["migrations/" + name, text])), ...more });
const tables = (lib, dir) => lib.sql(dir, "SELECT name FROM sqlite_schema WHERE name LIKE 'loan%' ORDER BY name").map((r) => r.name).join(" ");
const ran = (lib, dir) => lib.sql(dir, "SELECT name FROM host_plugin_migration WHERE plugin = 'loan' ORDER BY number").map((r) => r.name).join(" ");
const live = (lib, dir) => lib.sql(dir, "SELECT count(*) AS n FROM host_live_set WHERE plugin = 'loan'")[0].n;
const said = async (lib, host) => JSON.parse((await lib.ask(host.port, "GET", "/loan", json)).text).v;

// check and migrate name the place in both languages; nothing of the plugin is there, everything else is.
function refused(lib, files, zh, en, manifest) {
  const dir = lib.site();
  lib.plugin(dir, "loan", { "pages/p.lua": page("one").replace("loan_car", "archive_visit"), ...files }, manifest);
  lib.says(["check", "--site", dir], 1, zh, en);
  const got = lib.run(["migrate", "--site", dir]);
  equal(1, got.code, got.err + got.out);
  match(zh, got.out, "migrate");
  equal("", tables(lib, dir), "tables");
  equal("", ran(lib, dir), "rows");
  equal(0, live(lib, dir), "in force");
  equal("ok", lib.sql(dir, "PRAGMA integrity_check")[0].integrity_check, "integrity");
  equal(0, lib.run(["eval", "--site", dir, 'return #require("host.point")("pages")']).code, "the others are in force");
}
const one = (sql) => ({ "migrations/0001_a.sql": sql });

export default {
  "plan, run, run again": (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR, "0002_order.sql": ORDER });
    lib.says(["migrate", "--plan", "--site", dir], 0, /^nanjing: plugins\/loan\/migrations\/0001_car\.sql\nnanjing: plugins\/loan\/migrations\/0002_order\.sql\n$/, /0001_car.*\n.*0002_order/);
    equal("", tables(lib, dir), "a plan changes nothing:");
    const rows = lib.run(["migrate", "--plan", "--json", "--site", dir]).out.trim().split("\n").map(JSON.parse);
    equal("nanjing loan plugins/loan/migrations/0001_car.sql pending", [rows[0].store, rows[0].plugin, rows[0].file, rows[0].state].join(" "), "json");
    const first = lib.run(["migrate", "--site", dir]);
    equal(0, first.code, first.err + first.out);
    match(/已执行.*0001_car\.sql\n已执行.*0002_order\.sql/, first.out, "first");
    equal("0001_car.sql 0002_order.sql", ran(lib, dir), "rows");
    equal("loan_car loan_car_plate loan_order", tables(lib, dir), "tables");
    lib.says(["migrate", "--site", dir], 0, /没有要执行的迁移/, /nothing to run/);
    lib.says(["migrate", "--nonsense"], 2, /migrate --help/, /migrate --help/);
  },
  "a site that was never opened: everything would run": (lib) => {
    const dir = lib.site();
    rmSync(join(dir, "data"), { recursive: true });
    const got = lib.run(["migrate", "--plan", "--site", dir]);
    match(/^site: schema\/site\/0001_user\.sql\n(site: [^\n]*\n)*nanjing: schema\/dealership\/0001_host\.sql\n/, got.out, got.err);
    assert(!lib.existsSync(join(dir, "data")), "a plan makes no folder");
  },
  "a foreign table, whatever is done to it": (lib) => {
    const own = [/plugins\/loan\/migrations\/0001_a\.sql:1: .*loan_/, /plugins\/loan\/migrations\/0001_a\.sql:1: .*loan_/];
    for (const sql of ["CREATE TABLE other_car (id INTEGER) STRICT", "CREATE INDEX other_i ON archive_visit (line)", "CREATE INDEX loan_i ON archive_visit (line)", "DROP TABLE archive_visit",
      "ALTER TABLE archive_visit ADD COLUMN x TEXT", "ALTER TABLE archive_visit RENAME TO loan_visit", "DELETE FROM host_audit", "UPDATE archive_visit SET line = 1", "DROP INDEX archive_visit_settled",
      "INSERT INTO host_live_set (plugin, version, hash, origin, since) VALUES ('x', 'x', 'x', 'x', 1)"])
      refused(lib, one(sql + ";\n"), ...own);
    refused(lib, one("CREATE TABLE loan_a (id INTEGER, v INTEGER REFERENCES archive_visit (id)) STRICT;\n"), /0001_a\.sql:1: .*archive_visit/, /0001_a\.sql:1: .*archive_visit/);
    refused(lib, one("CREATE TABLE loan_a (id INTEGER) STRICT;\n\nALTER TABLE loan_a RENAME TO archive_mine;\n"), /0001_a\.sql:3: .*archive_mine/, /0001_a\.sql:3: .*archive_mine/);
    refused(lib, one("CREATE TRIGGER loan_t AFTER INSERT ON host_audit BEGIN DELETE FROM host_audit; END;\n"), /0001_a\.sql:1: .*TRIGGER/, /0001_a\.sql:1: .*TRIGGER/);
  },
  "SQL outside the subset": (lib) => {
    refused(lib, one("-- a\n\nCREATE TABLE loan_a (\n  id INTEGER PRIMARY KEY,\n  at VARCHAR(20)\n) STRICT;\n"), /0001_a\.sql:5: .*VARCHAR/, /0001_a\.sql:5: .*VARCHAR/);
    refused(lib, one("CREATE TABLE loan_a (id INTEGER PRIMARY KEY);\n"), /0001_a\.sql:1: .*STRICT/, /0001_a\.sql:1: .*STRICT/);
    refused(lib, one("PRAGMA foreign_keys = OFF;\n"), /0001_a\.sql:1: .*PRAGMA/, /0001_a\.sql:1: .*PRAGMA/);
    refused(lib, one("CREATE TABLE loan_a (id INTEGER) STRICT;\nCOMMIT;\n"), /0001_a\.sql:2: .*COMMIT/, /0001_a\.sql:2: .*COMMIT/);
  },
  "wrong names and numbers": (lib) => {
    refused(lib, { "migrations/first.sql": CAR }, /migrations\/first\.sql:1: .*0001_name\.sql/, /first\.sql:1: .*0001_name\.sql/);
    refused(lib, { "migrations/0002_a.sql": CAR }, /0002_a\.sql:\d+: .*0001/, /0002_a\.sql:\d+: .*0001/);
    refused(lib, { "migrations/0001_a.sql": CAR, "migrations/0003_b.sql": ORDER }, /0003_b\.sql:\d+: .*0002/, /0003_b\.sql:\d+: .*0002/);
    refused(lib, { "migrations/0001_a.sql": CAR, "migrations/0001_b.sql": ORDER }, /0001_b\.sql:\d+: .*0001_a/, /0001_b\.sql:\d+: .*0001_a/);
  },
  "prefixes that meet": (lib) => {
    const claim = (tables) => `return { id = "loan", version = "1.0.0", uses = { "host.db" }, tables = { ${tables} } }\n`;
    refused(lib, one(CAR), /plugins\/loan\/plugin\.lua:\d+: .*archive_/, /plugins\/loan\/plugin\.lua:\d+: .*archive_/, claim('"archive_"'));
    refused(lib, one(CAR), /plugins\/loan\/plugin\.lua:\d+: .*archive_visit_/, /plugins\/loan\/plugin\.lua:\d+: .*archive_visit_/, claim('"archive_visit_"'));
    for (const prefix of ["host_", "loan"]) { // such a manifest is not read any further
      const dir = lib.site();
      lib.plugin(dir, "loan", one(CAR), claim(`"${prefix}"`));
      lib.says(["check", "--site", dir], 1, new RegExp(`plugins/loan/plugin\\.lua:\\d+: .*'${prefix}'`), new RegExp(`plugins/loan/plugin\\.lua:\\d+: .*'${prefix}'`));
    }
  },
  "a failing second migration leaves the first version in force, live": async (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR });
    const host = await lib.serve(dir);
    equal("one", await said(lib, host), "before:");
    write(file(dir, "0002_order.sql"), ORDER);
    write(file(dir, "0003_fill.sql"), "INSERT INTO loan_car (id, plate) VALUES (1, 'x');\nINSERT INTO loan_car (id, plate) VALUES (1, 'y');\n");
    write(join(dir, "plugins/loan/pages/p.lua"), page("two"));
    await host.logs(/plugins\/loan\/migrations\/0003_fill\.sql:2: /, 20000);
    equal("one", await said(lib, host), "the old one goes on:");
    equal("0001_car.sql", ran(lib, dir), "rows");
    equal("loan_car loan_car_plate", tables(lib, dir), "tables");
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM host_audit WHERE what = 'plugin.live' AND subject = 'loan'")[0].n, "never in force, not for a moment:");
    write(file(dir, "0003_fill.sql"), "INSERT INTO loan_car (id, plate) VALUES (1, 'x');\n");
    await eventually(async () => (await said(lib, host)) === "two", "the mended one is in force: " + host.log.slice(-500), 20000);
    equal("0001_car.sql 0002_order.sql 0003_fill.sql", ran(lib, dir), "rows after");
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM loan_car")[0].n, "filled once");
  },
  "a file changed after it ran, and an older version": async (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR, "0002_order.sql": ORDER });
    equal(0, lib.run(["migrate", "--site", dir]).code, "first");
    const keeps = (zh, en, what) => {
      lib.says(["migrate", "--plan", "--site", dir], 1, zh, en);
      lib.says(["migrate", "--site", dir], 1, zh, en);
      equal("loan_car loan_car_plate loan_order", tables(lib, dir), what + ": tables");
      equal("0001_car.sql 0002_order.sql", ran(lib, dir), what + ": rows");
      equal(1, live(lib, dir), what + ": in force");
    };
    write(file(dir, "0001_car.sql"), CAR + "-- later\n");
    keeps(/0001_car\.sql:1: .*更改/, /0001_car\.sql:1: .*changed/, "changed");
    write(file(dir, "0001_car.sql"), CAR);
    rmSync(file(dir, "0002_order.sql"));
    keeps(/plugins\/loan\/migrations: .*0002_order.*倒退/, /plugins\/loan\/migrations: .*0002_order.*backwards/, "older");
    const host = await lib.serve(dir);
    equal("one", await said(lib, host), "the old one is served:");
    await host.stop();
    write(file(dir, "0002_order.sql"), ORDER);
    lib.says(["migrate", "--site", dir], 0, /没有要执行的迁移/, /nothing to run/);
  },
  "each test of a plugin finds its tables new": (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR, "0002_fill.sql": "INSERT INTO loan_car (id, plate) VALUES (1, 'x');\n" }, {
      "tests/car_test.lua": `local db = require "host.db"
describe("cars", function()
  for i = 1, 2 do
    it("holds one " .. i, function()
      assert.equal(1, db.one("SELECT COUNT(*) AS n FROM loan_car").n)
      db.run("INSERT INTO loan_car (id, plate) VALUES (2, 'y')")
      db.run("INSERT INTO host_counter (series, last) VALUES ('x', 1)")
    end)
  end
end)
` });
    const got = lib.run(["test", "--site", dir, "loan"]);
    match(/2 个通过，0 个失败/, got.out, got.err);
    assert(!tables(lib, dir), "nothing on disk");
  },
  "a newer database": (lib) => {
    const dir = lib.site();
    lib.sql(dir, "INSERT INTO fc_migration (number, name, hash, at) VALUES (9999, '9999_future.sql', 'x', 1)");
    for (const more of [[], ["--plan"]]) lib.says(["migrate", ...more, "--site", dir], 1, /nanjing.*更新的程序/, /nanjing.*newer program/);
  },
  "a plugin taken away and put back keeps its rows": (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR });
    equal(0, lib.run(["migrate", "--site", dir]).code, "first");
    lib.sql(dir, "INSERT INTO loan_car (id, plate) VALUES (7, 'x')");
    rmSync(join(dir, "plugins/loan"), { recursive: true });
    equal(0, lib.run(["eval", "--site", dir, "return 1"]).code, "without");
    equal(0, live(lib, dir), "gone");
    loan(lib, dir, { "0001_car.sql": CAR });
    lib.says(["migrate", "--site", dir], 0, /没有要执行的迁移/, /nothing to run/);
    equal(1, live(lib, dir), "back");
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM loan_car")[0].n, "the row");
  },
  "kill -9 during a migration": (lib) => {
    const dir = lib.site();
    const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) INSERT INTO loan_car (id, plate) SELECT i, 'plate' || i FROM n;\n";
    loan(lib, dir, { "0001_car.sql": CAR, "0002_fill.sql": many });
    const states = [];
    for (let ms = 20; ms <= 600; ms = Math.ceil(ms * 1.35)) {
      lib.spawnSync("timeout", ["-s", "KILL", String(ms / 1000), lib.binary(), "migrate", "--site", dir]);
      equal("ok", lib.sql(dir, "PRAGMA integrity_check")[0].integrity_check, "integrity");
      const names = ran(lib, dir), there = tables(lib, dir), n = there ? lib.sql(dir, "SELECT count(*) AS n FROM loan_car")[0].n : 0;
      assert((names === "" && there === "" && live(lib, dir) === 0) || (names === "0001_car.sql 0002_fill.sql" && n === 300000 && live(lib, dir) === 1), `after ${ms} ms: "${names}", "${there}", ${n}`);
      states.push(names ? "all" : "nothing");
      if (names) break;
    }
    equal(0, lib.run(["migrate", "--site", dir]).code, "at last");
    equal(300000, lib.sql(dir, "SELECT count(*) AS n FROM loan_car")[0].n, "rows");
    return states.join(" ");
  },
  "four processes at once": async (lib) => {
    const dir = lib.site();
    loan(lib, dir, { "0001_car.sql": CAR, "0002_fill.sql": "INSERT INTO loan_car (id, plate) VALUES (1, 'x');\n" });
    const all = await Promise.all([1, 2, 3, 4].map(() => lib.measured(["migrate", "--site", dir])));
    for (const got of all) equal(0, got.code, got.err + got.out);
    equal("0001_car.sql 0002_fill.sql", ran(lib, dir), "rows");
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM loan_car")[0].n, "filled once");
    equal(1, lib.sql(dir, "SELECT count(*) AS n FROM host_audit WHERE what = 'plugin.live' AND subject = 'loan'")[0].n, "put in force once");
  },
  "a plugin writes its own tables only": async (lib) => {
    const dir = lib.site();
    const write = (table, dynamic) => `  local db = require "host.db"\n  return { n = db.run(${dynamic ? `("DELETE FROM %s"):format("${table}")` : `"DELETE FROM ${table}"`}) }`;
    lib.plugin(dir, "other", { "pages/p.lua": lib.pageOf("GET !/other", write("archive_upload")) });
    lib.says(["check", "--site", dir], 1, /plugins\/other\/pages\/p\.lua:4: .*archive_upload.*插件 archive/, /plugins\/other\/pages\/p\.lua:4: .*archive_upload.*plugin archive/);
    lib.plugin(dir, "other", { "pages/p.lua": lib.pageOf("GET !/other", write("loan_car", true)), "pages/q.lua": lib.pageOf("GET !/other-host", write("host_audit", true)),
      "pages/r.lua": lib.pageOf("GET !/other-none", write("archive_upload", true)) });
    loan(lib, dir, { "0001_car.sql": CAR });
    const host = await lib.serve(dir);
    for (const [path, what] of [["/other", /loan_car 只由插件 loan 写，插件 other 不能写它/], ["/other-host", /host_audit 是宿主的/], ["/other-none", /archive_upload 只由插件 archive 写/]]) {
      const got = await lib.ask(host.port, "GET", path, json);
      equal(500, got.status, path + " " + got.text);
      await host.logs(what);
    }
    lib.says(["eval", "--site", dir, 'return require("host.db").run "DELETE FROM loan_car"'], 1, /loan_car.*插件 loan/, /loan_car.*plugin loan/);
    equal(0, lib.run(["eval", "--as", "loan", "--site", dir, 'return require("host.db").run "DELETE FROM loan_car"']).code, "as its owner");
  },
  "SQL in Lua is checked where it stands": (lib) => {
    const dir = lib.site();
    const bad = (body, zh, en) => {
      lib.plugin(dir, "other", { "pages/p.lua": lib.pageOf("GET !/other", body) });
      lib.says(["check", "--site", dir], 1, zh, en);
    };
    bad('  local db = require "host.db"\n  return db.one [[SELECT id,\n  platte FROM archive_vehicle]]', /pages\/p\.lua:5: .*platte/, /pages\/p\.lua:5: .*platte/);
    bad('  local db = require "host.db"\n  return db.one("SELECT 1 AS x FROM archive_vehicles")', /p\.lua:4: .*archive_vehicles/, /p\.lua:4: .*archive_vehicles/);
    bad('  local db = require "host.db"\n  local FROM = [[\n    FROM archive_vehicle\n    WHERE IFNULL(plate, 1) = ?]]\n  return db.all("SELECT id" .. FROM, 1)', /p\.lua:6: .*COALESCE/, /p\.lua:6: .*COALESCE/);
    bad('  local db = require "host.db"\n  return db.all("SELECT id FROM archive_vehicle ORDER BY plate")', /p\.lua:4: .*NULLS/, /p\.lua:4: .*NULLS/);
    lib.says(["eval", "--site", dir, 'return require("host.db").one("SELECT ifnull(?, 1) AS x", nil)'], 1, /COALESCE/, /COALESCE/);
    equal("1\n", lib.run(["eval", "--site", dir, 'return require("host.db").one("SELECT COALESCE(?, 1) AS x", nil).x']).out, "inside the subset");
  },
};
