// Backups of a live site, restores, tampered audit logs: never a wrong restore, always a sentence that names the damage.
import { closeSync, openSync, readSync, symlinkSync, truncateSync, writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { assert, equal, match, pause } from "../lib.mjs";

const PLUGIN = `local page, db, audit = require "host.page", require "host.db", require "host.audit"
return {
  page "POST !/ledger" { who = "anyone", params = { key = "string:40!" }, function(req)
    db.tx(function()
      audit.write("ledger.one", req.params.key)
      audit.write("ledger.two", req.params.key)
    end)
    return { kept = req.params.key }
  end },
}
`;
const MANIFEST = 'return { id = "ledger", version = "1.0.0", uses = { "host.db", "host.audit" } }\n';

const fcb = (lib, to, keys = false) => (lib.existsSync(to) ? lib.readdirSync(to).filter((f) => f.endsWith(".fcb") && f.endsWith("-keys.fcb") === keys).sort() : []);
const backUp = (lib, dir, to, o = {}) => lib.run(["backup", "--site", dir, "--to", to, "--keys-to", to + "-keys", "--json"], o);
const lastLine = (r) => JSON.parse(r.out.trim().split("\n").pop());
const restoreTo = (lib, file, to, dir, o = {}) => lib.run(["restore", file, "--to", to, "--key", lib.join(dir, "secrets/master.key"), "--json"], o);
const verify = (lib, file, dir, lang = "en") => lib.run(["restore", file, "--verify", "--key", lib.join(dir, "secrets/master.key")], { env: { FORECOURT_LANG: lang } });
const integrity = (lib, dir) => equal("ok", lib.sql(dir, "PRAGMA integrity_check")[0].integrity_check, "integrity_check:");

function flip(path, at, bytes = 1) {
  const fd = openSync(path, "r+"), b = Buffer.alloc(bytes);
  readSync(fd, b, 0, bytes, at);
  for (let i = 0; i < bytes; i++) b[i] ^= 1 << (at + i) % 8;
  writeSync(fd, b, 0, bytes, at);
  closeSync(fd);
}

// Every acknowledged key of each writer that is there has all before it, and both of its rows.
function prefixes(lib, dir) {
  const rows = lib.sql(dir, "SELECT subject, count(*) AS n FROM host_audit WHERE what LIKE 'ledger.%' GROUP BY subject");
  const seen = {};
  for (const { subject, n } of rows) {
    equal(2, n, subject + ": rows of one transaction:");
    const [w, i] = subject.split("-");
    (seen[w] ||= new Set()).add(+i);
  }
  for (const [w, set] of Object.entries(seen)) for (let i = 0; i < set.size; i++) assert(set.has(i), `writer ${w}: ${i} of ${set.size} is missing: no moment of the log`);
  return rows.length;
}

const scheduled = (lib, dir, text) => {
  const file = lib.join(dir, "site.lua");
  lib.write(file, lib.read(file).replace(/backup = \{.*\},\n/, `backup = { ${text} },\n`));
};

export default {
  "while four writers write, and the copy is one moment": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to"), kept = [];
    lib.plugin(dir, "ledger", { "pages/p.lua": PLUGIN }, MANIFEST);
    const host = await lib.serve(dir);
    let over = false;
    const writers = Array.from({ length: 4 }, async (_, w) => {
      for (let i = 0; !over; i++) {
        const got = await lib.ask(host.port, "POST", "/ledger", { form: { key: `${w}-${i}` }, headers: { Accept: "application/json" } });
        equal(200, got.status, "a write while a backup runs:");
        kept.push(`${w}-${i}`);
      }
    });
    const counts = [];
    for (let i = 0; i < (lib.long ? 30 : 5); i++) {
      await pause(150);
      const before = kept.length;
      const made = await lib.measured(["backup", "--site", dir, "--to", to, "--keys-to", to, "--json"]);
      equal(0, made.code, made.err);
      const restored = lib.join(lib.scratch("r"), "new");
      const back = await lib.measured(["restore", lastLine(made).file, "--keys", lastLine(made).keys_file, "--to", restored, "--key", lib.join(dir, "secrets/master.key"), "--json"]);
      equal(0, back.code, back.err);
      integrity(lib, restored);
      const there = prefixes(lib, restored);
      assert(there >= before, `${before} were acknowledged before it began, ${there} are in it`);
      counts.push(there);
      const doctor = lib.run(["doctor", "--site", restored], { env: { FORECOURT_LANG: "en" } });
      match(/the audit log is sound/, doctor.out);
    }
    over = true;
    await Promise.all(writers);
    await host.stop();
    return `${counts.join(", ")} of ${kept.length} transactions`;
  },
  "nothing of secrets, no link, and the keys apart": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to");
    symlinkSync("/etc/passwd", lib.join(dir, "plugins/link.lua"));
    const made = backUp(lib, dir, to, { env: { FORECOURT_LANG: "en" } });
    equal(0, made.code, made.err);
    match(/1 links or special files were not backed up, for example plugins\/link.lua/, made.err);
    const { file, keys_file } = lastLine(made);
    assert(keys_file.startsWith(to + "-keys/"), keys_file);
    const there = lib.join(lib.scratch(), "new");
    equal(0, restoreTo(lib, file, there, dir).code);
    assert(!lib.existsSync(lib.join(there, "data/nanjing.keys.db")), "keys are not in the site's backup");
    equal("master.key", lib.readdirSync(lib.join(there, "secrets")).join(), "secrets:");
    const whole = lib.join(lib.scratch(), "new");
    equal(0, lib.run(["restore", file, "--keys", keys_file, "--to", whole, "--key", lib.join(dir, "secrets/master.key")]).code);
    assert(lib.sql(whole, "SELECT count(*) AS n FROM dealership_key", "nanjing.keys")[0].n > 0, "the keys came back");
    equal(0, lib.run(["user", "list", "--site", whole]).code, "the restored site opens:");
    assert(!lib.read(file).includes("故障店-") && !lib.existsSync(lib.join(dir, "data/.backup")), "no copy of a database stays");
  },
  "every region flipped: refused, and the damage is named": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to");
    lib.write(lib.join(dir, "data/files/noise"), randomBytes(1 << 20));
    const { file, bytes } = lastLine(backUp(lib, dir, to));
    equal(0, verify(lib, file, dir).code, "the whole one:");
    const n = lib.long ? 400 : 40;
    for (let i = 0; i < n; i++) {
      const at = i < 8 ? i * 20 : i > n - 6 ? bytes - 1 - (n - i) * 15 : Math.floor((bytes * i) / n);
      flip(file, at);
      const lang = i % 2 ? "zh" : "en", got = verify(lib, file, dir, lang);
      equal(1, got.code, `byte ${at}: exit code:`);
      match(lang === "zh" ? /损坏/ : /damaged/, got.err, `byte ${at}:`);
      if (i % 8 === 0) {
        const there = lib.join(lib.scratch(), "new");
        equal(1, restoreTo(lib, file, there, dir).code, `byte ${at}: restore:`);
        assert(!lib.existsSync(there) && !lib.existsSync(there + ".part"), `byte ${at}: something was left`);
      }
      flip(file, at);
    }
    flip(file, Math.floor(bytes * 0.6), 4096);
    match(/damaged within the 64 KiB from byte \d+ on: data\/\S+ \(from its byte \d+ on\)/, verify(lib, file, dir).err);
    flip(file, Math.floor(bytes * 0.6), 4096);
    equal(0, verify(lib, file, dir).code, "mended:");
    truncateSync(file, Math.floor(bytes / 2));
    match(/cut off after \d+ bytes/, verify(lib, file, dir).err);
    match(/被截断/, verify(lib, file, dir, "zh").err);
  },
  "wrong key, no backup, full folder, wrong words": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to"), other = lib.site();
    const { file } = lastLine(backUp(lib, dir, to));
    lib.write(lib.join(other, "secrets/master.key"), "ab".repeat(32) + "\n");
    lib.chmodSync(lib.join(other, "secrets/master.key"), 0o600);
    const key = ["--key", lib.join(dir, "secrets/master.key")], there = lib.join(lib.scratch(), "new");
    lib.says(["restore", file, "--verify", "--key", lib.join(other, "secrets/master.key")], 1, /密钥不对/, /wrong key/);
    lib.says(["restore", lib.join(dir, "site.lua"), "--verify", ...key], 1, /不是备份/, /no backup/);
    lib.says(["restore", lib.join(dir, "nothing"), "--verify", ...key], 1, /无法打开/, /cannot be opened/);
    lib.says(["restore", file, "--to", dir, ...key], 1, /不是空文件夹/, /no empty folder/);
    lib.says(["restore", file], 2, /--to/, /--to/);
    lib.says(["restore", file, "--to", there, "--verify"], 2, /--to/, /--to/);
    lib.says(["restore"], 2, /备份文件/, /file of a backup/);
    lib.says(["backup", "--site", there], 1, /没有这个文件夹|不是站点/, /no such folder|is no site/);
    lib.says(["backup", "extra"], 2, /多余/, /unexpected/);
    assert(!lib.existsSync(there), "nothing was made");
  },
  "a broken site.lua or a damaged database": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to");
    const good = lib.read(lib.join(dir, "site.lua"));
    lib.write(lib.join(dir, "site.lua"), "return {{");
    equal(0, backUp(lib, dir, to).code, "with --to a backup is made all the same:");
    equal(1, lib.run(["backup", "--site", dir]).code, "without it nobody knows where to:");
    lib.write(lib.join(dir, "site.lua"), good.replace(/backup = \{.*\}/, 'backup = { at = "25:00" }'));
    lib.says(["backup", "--site", dir], 1, /backup\.at/, /backup\.at/);
    lib.write(lib.join(dir, "site.lua"), good.replace(/backup = \{.*\}/, "backup = { keep = 3 }"));
    lib.says(["backup", "--site", dir], 1, /没有设置 'keep'/, /no setting 'keep'/);
    lib.write(lib.join(dir, "site.lua"), good);
    lib.sql(dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    flip(lib.join(dir, "data/nanjing.db"), 3, 1);
    const before = fcb(lib, to).length, broken = backUp(lib, dir, to, { env: { FORECOURT_LANG: "en" } });
    equal(1, broken.code, "a damaged database:");
    match(/nanjing\.db/, broken.err);
    equal(before, fcb(lib, to).length, "files:");
  },
  "kill -9 at every step of a backup and a restore": async (lib) => {
    if (lib.spawnSync("strace", ["-V"]).status !== 0) return { skip: "no strace" };
    const dir = lib.site(), to = lib.scratch("to"), key = lib.join(dir, "secrets/master.key");
    const killed = (call, n, args) => lib.run(args, { prefix: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${n}`] });
    let kills = 0;
    for (const call of ["fsync", "fdatasync", "unlink,rmdir,unlinkat", "renameat2,rename", "write", "pwrite64"])
      for (let n = 1, step = 1; n < 4000; n += step, step = lib.long ? 1 : Math.ceil(n / 4)) {
        const got = killed(call, n, ["backup", "--site", dir, "--to", to, "--keys-to", to, "--json"]);
        for (const f of fcb(lib, to)) {
          equal(0, verify(lib, lib.join(to, f), dir).code, `${call} ${n}: ${f} is there and not whole:`);
          lib.rmSync(lib.join(to, f));
        }
        if (got.code === 0) break;
        kills++;
      }
    const { file, keys_file } = lastLine(backUp(lib, dir, to));
    const left = lib.readdirSync(to).filter((f) => !f.endsWith("-keys.fcb")); // those were whole when they got their names
    equal(1, left.length, "what killed ones left is gone: " + left);
    assert(!lib.existsSync(lib.join(dir, "data/.backup")), "the copies too");
    const there = lib.join(lib.scratch(), "new");
    for (const call of ["fsync", "renameat2,rename", "unlink,rmdir,unlinkat", "write", "mkdir"])
      for (let n = 1, step = 1; n < 4000; n += step, step = lib.long ? 1 : Math.ceil(n / 4)) {
        const got = killed(call, n, ["restore", file, "--keys", keys_file, "--to", there, "--key", key]);
        if (lib.existsSync(there)) {
          integrity(lib, there);
          equal(0, lib.run(["user", "list", "--site", there]).code, `${call} ${n}: what got its name opens:`);
          lib.rmSync(there, { recursive: true });
        }
        if (got.code === 0) break;
        kills++;
      }
    const last = restoreTo(lib, file, there, dir);
    equal(0, last.code, "after all of them: " + last.err);
    assert(!lib.existsSync(there + ".part"), "and nothing is left");
    equal(0, lib.run(["doctor", "--site", dir]).code, "the site itself is well:");
    return `${kills} kills`;
  },
  "Ctrl-C leaves nothing": async (lib) => {
    const dir = lib.site(), to = lib.scratch("to");
    lib.sql(dir, "CREATE TABLE x (a); INSERT INTO x WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<40000) SELECT randomblob(2000) FROM n");
    const child = lib.spawn(lib.binary(), ["backup", "--site", dir, "--to", to, "--keys-to", to], { env: { FORECOURT_LANG: "en" } });
    let err = "";
    child.stderr.on("data", (d) => (err += d) === String(d) && child.kill("SIGINT"));
    const code = await new Promise((done) => child.on("close", done));
    equal(1, code, err);
    match(/interrupted; nothing half done is left/, err);
    equal("", lib.readdirSync(to).join() + (lib.existsSync(lib.join(dir, "data/.backup")) ? "stage" : ""), "left:");
  },
  "a full disk": async (lib) => {
    const dir = lib.site(), small = lib.scratch("full"), to = lib.scratch("to");
    if (!lib.isRoot() || lib.spawnSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", small]).status !== 0) return { skip: "needs root and mount" };
    lib.says(["backup", "--site", dir, "--to", small, "--keys-to", to], 1, /磁盘空间不足/, /no space left/);
    equal("", lib.readdirSync(small).join(), "left on the full disk:");
    const { file } = lastLine(backUp(lib, dir, to));
    lib.says(["restore", file, "--to", lib.join(small, "new"), "--key", lib.join(dir, "secrets/master.key")], 1, /磁盘空间不足/, /no space left/);
    equal("", lib.readdirSync(small).join(), "left by the restore:");
    lib.spawnSync("mount", ["-o", "remount,size=64m", small]);
    equal(0, restoreTo(lib, file, lib.join(small, "new"), dir).code, "with room again:");
    const stored = lib.sql(dir, "SELECT ok, error_en FROM site_backup ORDER BY ok", "site");
    equal("0,0,1", stored.map((r) => r.ok).join(), "recorded:");
    match(/no space left/, stored[0].error_en);
  },
  "old ones go only after a good one, the last good one never": async (lib) => {
    const dir = lib.site(), to = lib.join(dir, "backups"), folder = dir.split("/").pop();
    lib.mkdirSync(to);
    for (let day = 1; day <= 28; day++) lib.write(lib.join(to, `forecourt-${folder}-202609${String(day).padStart(2, "0")}T183000Z.fcb`), "old");
    scheduled(lib, dir, 'at = "02:30", keep_days = 14, keep_weeks = 4, to = "backups"');
    const key = lib.join(dir, "secrets/master.key"), text = lib.read(key);
    lib.chmodSync(key, 0o644);
    equal(1, lib.run(["backup", "--site", dir]).code, "one that fails");
    equal(28, fcb(lib, to).length, "deletes nothing:");
    lib.chmodSync(key, 0o600);
    const made = lib.run(["backup", "--site", dir, "--json"]);
    equal(0, made.code, made.err);
    const left = fcb(lib, to);
    assert(left.includes(lastLine(made).file.split("/").pop()) && left.length === 3, "left: " + left);
    for (let i = 0; i < 4; i++) lib.run(["backup", "--site", dir], { env: { FORECOURT_NOW: `2035-0${i + 1}-01T09:00:00` } });
    const last = fcb(lib, to).pop();
    equal(0, lib.run(["restore", lib.join(to, last), "--verify", "--key", key]).code, "the last good one:");
    assert(fcb(lib, to).length >= 3 && text.length > 60, "some are left");
  },
  "the server makes the one that is due, once": async (lib) => {
    const dir = lib.site(), to = lib.join(dir, "backups");
    scheduled(lib, dir, 'at = "02:30", to = "backups"');
    const rows = () => lib.sql(dir, "SELECT ok FROM site_backup", "site");
    lib.says(["doctor", "--site", dir], 0, /还没有备份过/, /there is no backup yet/);
    const a = await lib.serve(dir), b = await lib.serve(dir);
    await lib.eventually(() => rows().length > 0 && rows().every((r) => r.ok === 1), "a backup at the first start", 20000);
    await pause(3000);
    equal(1, rows().length, "two servers make one:");
    equal(1, fcb(lib, to).length, "files:");
    await a.stop();
    await b.stop();
    match(/the last good backup: 2026-11-21 09:0/, lib.run(["doctor", "--site", dir], { env: { FORECOURT_LANG: "en" } }).out);
    match(/warn.*the last good backup/, lib.run(["doctor", "--site", dir], { env: { FORECOURT_LANG: "en", FORECOURT_NOW: "2026-11-24T09:00:00" } }).out);
    for (const [now, want] of [["2026-11-21T12:00:00", 1], ["2026-11-22T02:31:00", 2], ["2026-11-22T02:10:00", 2], ["2026-11-22T02:31:30", 2], ["2026-12-22T02:31:30", 3]]) {
      const host = await lib.serve(dir, { env: { FORECOURT_NOW: now } });
      if (want > rows().length) await lib.eventually(() => rows().length === want && rows().every((r) => r.ok === 1), now, 20000);
      else await pause(4500);
      equal(want, rows().length, `clock at ${now}:`);
      await host.stop();
    }
  },
  "the audit log is signed within a second or two, and tampering is named": async (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "ledger", { "pages/p.lua": PLUGIN }, MANIFEST);
    const host = await lib.serve(dir), second = await lib.serve(dir);
    for (let i = 0; i < 30; i++) {
      await lib.ask((i % 2 ? host : second).port, "POST", "/ledger", { form: { key: "k" + i }, headers: { Accept: "application/json" } });
      if (i % 10 === 9) await lib.eventually(() => lib.sql(dir, "SELECT count(*) AS n FROM host_audit WHERE seq IS NULL")[0].n === 0, "all signed", 5000);
    }
    await host.stop("SIGKILL");
    await second.stop();
    equal(0, lib.run(["doctor", "--site", dir]).code, "untouched:");
    const third = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM host_audit WHERE subject = 'k7' AND what = 'ledger.one'")[0].id;
    const kinds = {
      changed: [`UPDATE host_audit SET actor = 'nobody' WHERE id = ${third}`, new RegExp(`记录 ${third}.*更改`), new RegExp(`row ${third} .*was changed`)],
      deleted: [`DELETE FROM host_audit WHERE id = ${third}`, /被删除/, /are gone, before row \d+ .*deleted/],
      inserted: [`INSERT INTO host_audit (id, at, actor, what, seq, hash) SELECT id + 2000, at, 'x', 'y', (SELECT max(seq) + 1 FROM host_audit), hash FROM host_audit WHERE id = ${third}`, /更改/, /another was put in its place/],
      "dated back": [`INSERT INTO host_audit (id, at, actor, what) VALUES (${third} - ${7200000 * 2 ** 22}, 1, 'x', 'y')`, /之后插入/, /was inserted after/],
      "cut off": ["DELETE FROM host_audit WHERE seq > 40; DELETE FROM host_audit_seal WHERE seq > 40", /截掉/, /cut off/],
    };
    for (const [kind, [sql, zh, en]] of Object.entries(kinds)) {
      const copy = lib.join(lib.scratch("t"), "site");
      lib.spawnSync("cp", ["-a", dir, copy]);
      lib.sql(copy, sql);
      lib.says(["doctor", "--site", copy], 1, zh, en);
      const json = JSON.parse(lib.run(["doctor", "--site", copy, "--json"]).out);
      assert(!json.ok && json.findings.some((f) => f.check === "audit" && f.mark === "bad" && f.place === "nanjing"), kind + ": --json");
    }
  },
};
