// The disk gives back something else than was written: bits, pages, a file, a log. It is reported and never served: whoever gets an answer gets
// the one that was true. Each damage has a copy of a site whose content is known; a process that starts reads it, and a page of a running site.
import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
import { ask, assert, equal, existsSync, join, long, rmSync, run, scratch, serve, spawnSync, sql, statSync, write } from "../lib.mjs";
import { keep, ledgerSite, realTime } from "../ledger.mjs";

const ROWS = 600, DB = "data/nanjing.db", WAL = DB + "-wal";
const QUERY = `local db = require "host.db"
return { rows = db.all("SELECT id, key, part, pad FROM ledger_row ORDER BY id"), keys = db.all("SELECT key FROM ledger_row ORDER BY key") }`;
const REPORTED = /damaged|损坏|is not a database|不是数据库|disk cannot be read|读写磁盘失败|another (time|program)|另一时间|其他程序/;

const copyOf = (dir) => {
  const to = join(scratch("rot"), "site");
  equal(0, spawnSync("cp", ["-a", dir, to]).status, "cp");
  return to;
};
const drop = (dir) => rmSync(join(dir, ".."), { recursive: true, force: true });
const evaluate = (dir, code) => run(["eval", "--site", dir, "--as", "ledger", code], { env: { FORECOURT_LANG: "en" } });

function must(dir, code) {
  const got = evaluate(dir, code);
  equal(0, got.code, got.err);
  return got.out;
}

let made;

// `file`: all is in the file. `before`: the same with older values. `log`: killed, the newest values are in the log alone.
async function sites() {
  if (made) return made;
  const file = ledgerSite();
  write(join(file, "plugins/ledger/pages/rot.lua"), `local page, db = require "host.page", require "host.db"
return page "GET !/rot" { who = "anyone", function()
${QUERY.replace('local db = require "host.db"\n', "")}
end }
`);
  const set = (version) => `local db = require "host.db"
db.tx(function()
  db.run("DELETE FROM ledger_row")
  for i = 1, ${ROWS} do db.run("INSERT INTO ledger_row (id, key, part, pad) VALUES (?, ?, 'o', ?)", i, "k" .. i * 7 % ${ROWS}, string.rep(i .. "-${version}.", 30)) end
end)`;
  must(file, set("old"));
  const before = copyOf(file);
  must(file, set("new"));
  assert(!existsSync(join(file, WAL)), "all is in the file");
  const log = copyOf(file), host = await serve(log, { env: realTime });
  for (let i = 0; i < 40; i++) equal(200, (await keep(host.port, `z${i}.${i % 4 ? "t" : "b"}`)).status);
  await host.stop("SIGKILL");
  made = { file, before, log, truth: must(copyOf(file), QUERY), logTruth: must(copyOf(log), QUERY) };
  assert(made.truth !== made.logTruth && made.truth.includes("-new."), "the sites have the content that they should");
  return made;
}

// Pages by what they belong to, without touching the file.
const pagesOf = (dir, where) => sql(copyOf(dir), `SELECT pageno FROM dbstat WHERE ${where} ORDER BY pageno`).map((r) => r.pageno);
const ledgerPages = "name IN ('ledger_row', 'ledger_row_key')";

function patch(path, at, bytes) {
  const fd = openSync(path, "r+");
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}
function part(path, at, n) {
  const fd = openSync(path, "r"), bytes = Buffer.alloc(n);
  readSync(fd, bytes, 0, n, at);
  closeSync(fd);
  return bytes;
}
function flip(path, at, bit) {
  const byte = part(path, at, 1);
  byte[0] ^= 1 << bit;
  patch(path, at, byte);
}
const PAGE = 4096;
const page = (path, n) => part(path, (n - 1) * PAGE, PAGE);

const FRAME = 24 + PAGE;
function framesOf(wal) {
  const out = [], salt = wal.subarray(16, 24);
  for (let at = 32; at + FRAME <= wal.length && wal.subarray(at + 8, at + 16).equals(salt); at += FRAME) {
    out.push({ at, page: wal.readUInt32BE(at), commit: wal.readUInt32BE(at + 4) > 0 });
  }
  return out;
}

// Where the last commit of a log begins. One that is cut there is no damage but a crash, so the flips stay before it.
function lastCommit(wal) {
  const commits = framesOf(wal).filter((f) => f.commit);
  return commits.length > 1 ? commits[commits.length - 2].at + FRAME : 32;
}

// The newest frame of each page: what is read from a log in use.
const inUse = (wal) => [...new Map(framesOf(wal).map((f) => [f.page, f.at])).values()];

// "right", "reported", or what is wrong.
function judge(got, truths, what) {
  if (got.signal) return `${what}: died of ${got.signal}`;
  if (got.code === 0) return truths.includes(got.out) ? "right" : `${what}: a wrong answer`;
  if (got.code !== 1 || !REPORTED.test(got.err)) return `${what}: exit code ${got.code} without the reason: ${got.err.slice(-300)}`;
  return "reported";
}

async function judgePage(dir, truths, what) {
  let host;
  try {
    host = await serve(dir, { env: realTime });
  } catch (e) {
    return REPORTED.test(e.message) ? "reported" : `${what}: does not start, and says: ${e.message.slice(-300)}`;
  }
  const got = await ask(host.port, "GET", "/rot", { headers: { Accept: "application/json" } }).catch((e) => ({ status: 0, text: e.message }));
  const alive = host.alive();
  await host.stop();
  if (!alive) return `${what}: the host died: ${host.log.slice(-300)}`;
  if (got.status === 200) return truths.some((t) => same(t, got.text)) ? "right" : `${what}: a wrong page`;
  return REPORTED.test(host.log) ? "reported" : `${what}: the page answered ${got.status}, and the log has no reason`;
}
const sorted = (v) => (Array.isArray(v) ? v.map(sorted) : v && typeof v === "object" ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])])) : v);
const same = (a, b) => JSON.stringify(sorted(JSON.parse(a))) === JSON.stringify(sorted(JSON.parse(b)));

function tally(verdicts) {
  const wrong = verdicts.filter((v) => v !== "right" && v !== "reported");
  assert(wrong.length === 0, `${wrong.length} of ${verdicts.length} damages were not reported:\n${wrong.slice(0, 8).join("\n")}`);
  const reported = verdicts.filter((v) => v === "reported").length;
  return `${verdicts.length} damages: ${reported} reported, ${verdicts.length - reported} answered right, 0 wrong`;
}

// One damage, seen by a process that starts and by a page.
async function seen(from, truths, what, damage) {
  const verdicts = [];
  let dir = copyOf(from);
  damage(join(dir, DB), join(dir, WAL));
  verdicts.push(judge(evaluate(dir, QUERY), truths, what));
  drop(dir);
  dir = copyOf(from);
  damage(join(dir, DB), join(dir, WAL));
  verdicts.push(await judgePage(dir, truths, what));
  drop(dir);
  return verdicts;
}

const below = (n) => Math.floor(Math.random() * n);

export default {
  "single bits in the file": async () => {
    const { file, truth } = await sites(), pages = pagesOf(file, ledgerPages), size = statSync(join(file, DB)).size, verdicts = [];
    assert(pages.length > 20, `pages: ${pages.length}`);
    for (let i = 0; i < (long ? 10000 : 30); i++) {
      const dir = copyOf(file), at = i % 5 ? (pages[below(pages.length)] - 1) * PAGE + below(PAGE) : below(size), bit = below(8);
      flip(join(dir, DB), at, bit);
      verdicts.push(judge(evaluate(dir, QUERY), [truth], `bit ${bit} of byte ${at}`));
      drop(dir);
    }
    return tally(verdicts);
  },
  "single bits in the log, found by who recovers it": async () => {
    const { log, logTruth } = await sites(), bytes = readFileSync(join(log, WAL)), verdicts = [];
    const last = lastCommit(bytes);
    for (let i = 0; i < (long ? 2000 : 12); i++) {
      const dir = copyOf(log), at = below(last), bit = below(8);
      flip(join(dir, WAL), at, bit);
      verdicts.push(judge(evaluate(dir, QUERY), [logTruth], `bit ${bit} of byte ${at} of the log`));
      drop(dir);
    }
    return tally(verdicts);
  },
  "single bits in the log of a running site": async () => {
    const { file } = await sites(), dir = copyOf(file), host = await serve(dir, { env: realTime }), verdicts = [];
    for (let i = 0; i < 20; i++) equal(200, (await keep(host.port, `z${i}.${i % 2 ? "t" : "b"}`)).status);
    const truth = must(dir, QUERY), wal = join(dir, WAL), frames = inUse(readFileSync(wal));
    assert(frames.length > 20, `pages in the log: ${frames.length}`);
    for (let i = 0; i < (long ? 2000 : 12); i++) {
      const at = frames[below(frames.length)] + 24 + below(PAGE), bit = below(8);
      flip(wal, at, bit);
      verdicts.push(judge(evaluate(dir, QUERY), [truth], `bit ${bit} of byte ${at} of the log`));
      flip(wal, at, bit);
    }
    equal(truth, must(dir, QUERY), "with every bit put back:");
    await host.stop();
    drop(dir);
    return tally(verdicts);
  },
  "pages: zeroed, swapped, old": async () => {
    const { file, before, truth } = await sites(), leaves = pagesOf(file, "name = 'ledger_row' AND pagetype = 'leaf'"), verdicts = [];
    const [one, two, three] = [leaves[3], leaves[Math.floor(leaves.length / 2)], leaves[leaves.length - 2]];
    const zero = (n) => (db) => patch(db, (n - 1) * PAGE, Buffer.alloc(PAGE));
    const swap = (a, b) => (db) => {
      const first = page(db, a);
      patch(db, (a - 1) * PAGE, page(db, b));
      patch(db, (b - 1) * PAGE, first);
    };
    const old = (n) => (db) => {
      const bytes = page(join(before, DB), n);
      assert(bytes.includes("-old."), `page ${n} held rows before`);
      patch(db, (n - 1) * PAGE, bytes);
    };
    const wasLeaf = new Set(pagesOf(before, "name = 'ledger_row' AND pagetype = 'leaf'")), both = leaves.find((n) => wasLeaf.has(n));
    for (const [what, damage] of [["a zeroed page", zero(one)], ["pages swapped", swap(one, two)], ["far pages swapped", swap(two, three)], ["an old page", old(both)]]) {
      verdicts.push(...(await seen(file, [truth], what, damage)));
    }
    return tally(verdicts);
  },
  "a file that is cut": async () => {
    const { file, truth } = await sites(), size = statSync(join(file, DB)).size, verdicts = [];
    for (const to of [0, 50, PAGE, Math.floor(size / 2), size - PAGE, size - 1]) {
      verdicts.push(...(await seen(file, [truth], `cut to ${to} of ${size} bytes`, (db) => spawnSync("truncate", ["-s", String(to), db]))));
    }
    return tally(verdicts);
  },
  "a log, a file of another time": async () => {
    const { file, before, log, logTruth } = await sites(), verdicts = [];
    verdicts.push(...(await seen(before, [must(copyOf(before), QUERY)], "a newer log beside an old file", (db, wal) => writeFileSync(wal, readFileSync(join(log, WAL))))));
    // The log of one copy beside the file of another that went its own way from the same state.
    const other = copyOf(file);
    must(other, 'local db = require "host.db"; db.run("UPDATE ledger_row SET pad = pad || ?", string.rep("!", 200))');
    verdicts.push(...(await seen(other, [must(copyOf(other), QUERY)], "the log of another copy", (db, wal) => writeFileSync(wal, readFileSync(join(log, WAL))))));
    verdicts.push(...(await seen(log, [logTruth], "an old file below its log", (db) => writeFileSync(db, readFileSync(join(before, DB))))));
    return tally(verdicts);
  },
};
