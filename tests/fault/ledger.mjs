// What was acknowledged, kept outside of the site: a page and a script whose rows can be counted afterwards, the people who use them, and
// the reckoning. A key's rows say by their parts what kind of write it was; each kind is whole in one way only.
import http from "node:http";
import { ask, assert, binary, cpSync, equal, join, mkdirSync, plugin, run, scratch, site, spawn, spawnSync, sql } from "./lib.mjs";

const KEEPER = `local db = require "host.db"
local M = {}
function M.keep(key) db.run("INSERT INTO keeper_row (id, key, part) VALUES (?, ?, 'c')", db.id(), key) end
return M
`;

// "t": statements, a savepoint that stays, one that is undone, an export that writes. "o": one statement alone; "b": one with 30 KB. "x" must never be seen.
const PAGES = `local page, db, keeper = require "host.page", require "host.db", require "keeper"
local insert = "INSERT INTO ledger_row (id, key, part) VALUES (?, ?, ?)"
local function add(key, part) db.run(insert, db.id(), key, part) end
return {
  page "POST !/t" { who = "anyone", params = { key = "string:60!" }, function(req)
    local key = req.params.key
    db.tx(function()
      add(key, "a")
      db.tx(function() add(key, "b") end)
      pcall(db.tx, function() add(key, "x"); error("undone") end)
      keeper.keep(key)
      add(key, "d")
    end)
    return { kept = key }
  end },
  page "POST !/o" { who = "anyone", params = { key = "string:60!" }, function(req)
    add(req.params.key, "o")
    return { kept = req.params.key }
  end },
  page "POST !/b" { who = "anyone", params = { key = "string:60!" }, function(req)
    db.run("INSERT INTO ledger_row (id, key, part, pad) VALUES (?, ?, 'b', ?)", db.id(), req.params.key, string.rep("x", 30000))
    return { kept = req.params.key }
  end },
  page "GET !/parts" { who = "anyone", params = { key = "string:60!" }, function(req)
    local parts = ""
    local key, both = req.params.key, "SELECT id, part FROM ledger_row WHERE key = ? UNION ALL SELECT id, part FROM keeper_row WHERE key = ?"
    for row in db.each(both .. " ORDER BY id", key, key) do parts = parts .. row.part end
    return { parts = parts }
  end },
  page "GET !/sum" { who = "anyone", function()
    return db.one("SELECT count(*) AS n, coalesce(sum(length(key || coalesce(pad, ''))), 0) AS bytes FROM ledger_row")
  end },
}
`;

// The share it says it has done changes each time, so that each line is shown.
const SCRIPT = `local script, db, progress = require "host.script", require "host.db", require "host.progress"
return script "ledger-fill" { title = { zh = "写入", en = "Write" }, who = { "it" },
  params = { script.string "run" { title = { zh = "轮次", en = "Run" } }, script.integer "rows" { title = { zh = "行数", en = "Rows" } } },
  run = function(params)
    for i = 1, params.rows do
      local key = params.run .. ".s" .. i
      db.tx(function()
        for _, part in ipairs { "p", "q" } do db.run("INSERT INTO ledger_row (id, key, part) VALUES (?, ?, ?)", db.id(), key, part) end
      end)
      progress(i % 10 * 10, 100, "kept " .. key)
    end
    return {}
  end }
`;

export const whole = { t: "abcd", o: "o", b: "b", s: "pq" };
export const kindOf = (key) => key.split(".")[1][0];
// Many processes one after the other: with the clock set to one moment they would draw the same ids.
export const realTime = { FORECOURT_NOW: undefined };

const tableOf = (name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, key TEXT NOT NULL, part TEXT NOT NULL, pad TEXT) STRICT;
CREATE INDEX ${name}_key ON ${name} (key);
`;

let made;

// Each plugin has a table of its own: a transaction of both is whole or not there.
export function ledgerSite() {
  if (!made) {
    made = site("ledger");
    plugin(made, "keeper", { "exports.lua": KEEPER, "migrations/0001_row.sql": tableOf("keeper_row") });
    plugin(made, "ledger", { "pages/p.lua": PAGES, "scripts/fill.lua": SCRIPT, "migrations/0001_row.sql": tableOf("ledger_row") },
      'return { id = "ledger", version = "1.0.0", uses = { "host.db", "host.progress" }, needs = { keeper = ">=1.0" } }\n');
    equal(0, run(["eval", "--site", made, "return 1"]).code, "the first start");
  }
  const dir = join(scratch("ledger"), "site");
  equal(0, spawnSync("cp", ["-a", made, dir]).status, "cp");
  return dir;
}

export const agent = (n = 1) => new http.Agent({ keepAlive: true, maxSockets: n });
const json = { Accept: "application/json" };

export async function keep(port, key, o = {}) {
  return ask(port, "POST", "/" + kindOf(key), { form: { key }, headers: json, timeout: 5000, ...o });
}
export async function partsOf(port, key) {
  const got = await ask(port, "GET", "/parts?key=" + key, { headers: json });
  return got.status === 200 ? JSON.parse(got.text).parts : `status ${got.status}`;
}

// Clients over keep-alive until the host is gone or `over.over` is set. What was answered stands in `kept`; other answers in `refused`.
export function writers(host, run, n, kept, over = {}, refused = [], kinds = "ttto") {
  let count = 0;
  const one = async (w) => {
    const own = agent();
    while (!over.over) {
      const key = `${run}.${kinds[w % kinds.length]}${w}-${count++}`;
      try {
        const got = await keep(host.port, key, { agent: own });
        if (got.status === 200) kept.push(key);
        else refused.push({ key, status: got.status, text: got.text });
      } catch {
        if (!host.alive() || over.over) break;
        await new Promise((done) => setTimeout(done, 1));
      }
    }
    own.destroy();
  };
  return Promise.all(Array.from({ length: n }, (_, w) => one(w)));
}

// A second process that writes: resolves once its first row is acknowledged; `ended` when it is gone.
export function scriptWriter(dir, run, kept, rows = 100000) {
  const child = spawn(binary(), ["run", "ledger-fill", "--site", dir, "--run", run, "--rows", String(rows)], { env: { PATH: process.env.PATH, FORECOURT_LANG: "en" }, stdio: ["ignore", "ignore", "pipe"] });
  let rest = "", all = "";
  const ended = new Promise((done) => child.on("close", (code, signal) => done({ code, signal, text: all })));
  const begun = new Promise((done, failed) => {
    child.stderr.on("data", (d) => {
      all = (all + d).slice(-4000);
      const lines = (rest + d).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const found = /kept (\S+)$/.exec(line);
        if (found) kept.push(found[1]);
      }
      if (kept.length) done();
    });
    child.on("close", () => failed(new Error("the script wrote nothing: " + all)));
  });
  begun.catch(() => {});
  return { child, begun, ended };
}

// The database as it is without its log.
export function fileAlone(dir) {
  const to = scratch("alone");
  mkdirSync(join(to, "data"));
  cpSync(join(dir, "data/nanjing.db"), join(to, "data/nanjing.db"));
  return to;
}

const both = "(SELECT id, key, part FROM ledger_row UNION ALL SELECT id, key, part FROM keeper_row)";

// Everything of `run` (all, when it is left out) against what was acknowledged. Returns how many keys are there.
export function reckon(dir, kept, run, what = "") {
  const where = run === undefined ? "" : `WHERE key >= '${run}.' AND key < '${run}/'`;
  const rows = sql(dir, `SELECT key, group_concat(part, '') AS parts FROM (SELECT key, part FROM ${both} ${where} ORDER BY key, id) GROUP BY key`);
  const there = new Map(rows.map((r) => [r.key, r.parts]));
  const broken = rows.filter((r) => r.parts !== whole[kindOf(r.key)]);
  const lost = kept.filter((k) => !there.has(k));
  assert(broken.length === 0, `${what} ${broken.length} half written or doubled: ${JSON.stringify(broken.slice(0, 3))}`);
  assert(lost.length === 0, `${what} ${lost.length} of ${kept.length} acknowledged are lost: ${lost.slice(0, 3)}`);
  return rows.length;
}

export function sound(dir, what = "") {
  equal("ok", sql(dir, "PRAGMA integrity_check")[0].integrity_check, what + " integrity:");
}
