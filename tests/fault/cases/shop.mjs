// What the dealership's IT meets on a bad day with the files: each is named with its place and what to do, in the reader's language.
import { readFileSync, writeFileSync } from "node:fs";
import { assert, equal, match } from "../lib.mjs";

const lost = (lib, dir) => lib.readdirSync(lib.join(dir, "data")).filter((n) => n.startsWith("site.db")).forEach((n) => lib.rmSync(lib.join(dir, "data", n)));

export default {
  "a lost site.db is named, and no empty one takes its place": (lib) => {
    const dir = lib.site();
    lost(lib, dir);
    for (const args of [["doctor"], ["serve", "--listen", "127.0.0.1:0"], ["user", "list"]])
      lib.says([...args, "--site", dir], 1, /data\/site\.db: 站点数据库不见了.*forecourt restore/, /data\/site\.db: the site's database is gone.*forecourt restore/, { timeout: 5000 });
    assert(!lib.existsSync(lib.join(dir, "data/site.db")), "a new site.db was made");
  },
  "a lost key store is named with the command that brings it back": (lib) => {
    const dir = lib.site();
    lib.rmSync(lib.join(dir, "data/nanjing.keys.db"));
    lib.says(["doctor", "--site", dir], 1, /nanjing\.keys\.db: 密钥库不见了.*forecourt restore.*--keys/, /nanjing\.keys\.db: the key store is gone.*forecourt restore.*--keys/);
  },
  "doctor names a signing key and a database that others can read": async (lib) => {
    const dir = lib.site(), key = lib.join(dir, "secrets/audit.key"), db = lib.join(dir, "data/nanjing.db");
    await (await lib.serve(dir)).stop();
    lib.chmodSync(key, 0o640);
    lib.says(["doctor", "--site", dir], 1, /审计日志无法签名：.*audit\.key.*chmod 600/, /audit log cannot be signed: .*audit\.key.*chmod 600/);
    lib.chmodSync(key, 0o600);
    lib.chmodSync(db, 0o644);
    lib.says(["doctor", "--site", dir], 0, /warn .*nanjing\.db.*0644.*chmod 600/, /warn .*nanjing\.db.*0644.*chmod 600/);
  },
  "the server's log speaks one language": async (lib) => {
    const dir = lib.site();
    const first = await lib.serve(dir);
    await first.stop();
    lib.chmodSync(lib.join(dir, "secrets/audit.key"), 0o640);
    lib.sql(dir, "INSERT INTO host_audit (id, at, actor, what) VALUES (1, 1, 'x', 'y')");
    const host = await lib.serve(dir);
    await host.logs(/error audit: .*密钥文件的权限是 0640/, 5000);
    await host.stop();
  },
  "the scheduled backup writes one sentence to the server's log, no steps": async (lib) => {
    const dir = lib.site();
    lib.write(lib.join(dir, "site.lua"), lib.read(lib.join(dir, "site.lua")).replace(/backup = \{[^}]*\}/, 'backup = { at = "02:30" }'));
    const host = await lib.serve(dir);
    await lib.eventually(() => lib.existsSync(lib.join(dir, "backups")) && lib.sql(dir, "SELECT ok FROM site_backup", "site").some((r) => r.ok === 1), "a backup", 20000);
    await host.logs(/定时备份：.*\.fcb/, 5000);
    assert(!/^\d+\/\d+ /m.test(host.log) && !/"bytes"/.test(host.log), "steps or JSON in the log: " + host.log);
    await host.stop();
  },
  "a backup names its master key as `key show` does, and a change of the key says what to keep": (lib) => {
    const dir = lib.site(), to = lib.scratch(), key = lib.join(dir, "secrets/master.key");
    const print = (text) => /[0-9a-f]{16}/.exec(text)[0];
    const old = print(lib.run(["key", "show", "--site", dir]).out);
    equal(0, lib.run(["backup", "--site", dir, "--to", to]).code, "backup:");
    const file = lib.join(to, lib.readdirSync(to)[0]);
    match(/另存一份 secrets\/master\.key/, lib.run(["key", "--help"]).out, "key --help:");
    const rotated = lib.run(["key", "rotate", "--site", dir]).out;
    match(/旧密钥没有留下.*副本[\s\S]*新的主密钥.*备份/, rotated, "key rotate:");
    const now = print(lib.run(["key", "show", "--site", dir]).out);
    lib.says(["restore", file, "--verify", "--key", key], 1, new RegExp(`指纹是 ${old}.*${now}`), new RegExp(`fingerprint ${old}.*${now}`));
    match(/old key is not kept[\s\S]*copy of the new/, lib.run(["key", "rotate", "--site", dir], { env: { FORECOURT_LANG: "en" } }).out, "key rotate:");
  },
  "restore says which key or keys are missing, and what to do then": (lib) => {
    const dir = lib.site(), to = lib.scratch(), key = lib.join(dir, "secrets/master.key");
    equal(0, lib.run(["backup", "--site", dir, "--to", to]).code, "backup:");
    const file = lib.join(to, lib.readdirSync(to)[0]);
    lib.says(["restore", file, "--verify"], 1, /secrets\/master\.key: 没有这个密钥文件.*--key/, /secrets\/master\.key: there is no such key file.*--key/);
    lib.says(["restore", file, file, "--verify", "--key", key], 2, /一次恢复一个/, /one backup at a time/);
    const said = (lang) => lib.run(["restore", file, "--to", lib.join(lib.scratch(), "new"), "--key", key], { env: { FORECOURT_LANG: lang } }).out;
    match(/没有 --keys.*打不开.*再恢复一次/, said("zh"));
    match(/no --keys.*does not open.*once more/, said("en"));
    assert(!/doctor/.test(said("zh")), "a site that does not open is not sent to doctor");
  },
  "what a script wants stands in its own help, and wrong use points there": (lib) => {
    const dir = lib.site();
    lib.says(["run", "erase-customer", "--site", dir], 2, /--act.*forecourt run erase-customer --help/, /--act.*forecourt run erase-customer --help/);
    lib.says(["run", "erase-customer", "--site", dir, "--act", "nonsense"], 2, /nonsense.*forecourt run erase-customer --help/, /nonsense.*forecourt run erase-customer --help/);
    lib.says(["run", "erase-customer", "--site", dir, "--help"], 0, /--as[\s\S]*approve（批准（总经理））/, /--as[\s\S]*approve \(approve \(general manager\)\)/);
  },
  "asking for an erasure once more says how far it is": (lib) => {
    const dir = lib.site();
    const file = lib.write(lib.join(lib.scratch(), "o.csv"), "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机,服务顾问\nRO1,保养,2026-06-01,2026-06-01,苏B12345,LS5TEST10TA999990,钱车主,13911112222,李工\n");
    equal(0, lib.run(["run", "import-dms", "--site", dir, "--file", file]).code, "import:");
    const act = (who, ...more) => lib.run(["run", "erase-customer", "--site", dir, "--as", who, "--act", ...more]);
    const no = /SC-\d+-\d+/.exec(act("sun", "request", "--order", "RO1").out)[0];
    match(/等待总经理批准/, act("sun", "request", "--order", "RO1").out);
    equal(0, act("gao", "approve", "--no", no).code, "approve:");
    match(/已批准，等待信息员执行/, act("sun", "request", "--order", "RO1").out, "after it was approved:");
  },
  "what doctor says of a damaged database and a broken chain is one line with what to do": async (lib) => {
    const dir = lib.site(), db = lib.join(dir, "data/nanjing.db");
    lib.sql(dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = readFileSync(db);
    bytes.fill(0x55, 4096 * 5, 4096 * 6);
    writeFileSync(db, bytes);
    for (const lang of ["zh", "en"]) {
      const got = lib.run(["doctor", "--site", dir], { env: { FORECOURT_LANG: lang } });
      equal(1, got.code);
      for (const line of got.out.trim().split("\n")) match(/^(ok|warn|bad) /, line, "a line of its own:");
      assert(!got.out.includes("***"), got.out);
    }
    const other = lib.site();
    await (await lib.serve(other)).stop();
    lib.sql(other, "INSERT INTO host_audit (id, at, actor, what) VALUES (1, 1, 'x', 'y')");
    const host = await lib.serve(other);
    await lib.eventually(() => lib.sql(other, "SELECT count(*) AS n FROM host_audit WHERE seq IS NULL")[0].n === 0, "signed", 8000);
    await host.stop();
    lib.sql(other, "DELETE FROM host_audit");
    lib.says(["doctor", "--site", other], 1, /日志是空的.*来自别处.*请保留这些文件/, /the log is empty.*elsewhere.*Keep the files/);
  },
  "a master key that does not open the site makes no backup that counts as good": (lib) => {
    const dir = lib.site(), to = lib.scratch();
    lib.write(lib.join(dir, "secrets/master.key"), "5".repeat(64) + "\n");
    lib.says(["backup", "--site", dir, "--to", to], 1, /nanjing\.keys\.db: .*另一把主密钥.*请恢复正确的主密钥/, /nanjing\.keys\.db: .*another master key.*Restore the right master key/);
    equal(0, lib.readdirSync(to).length, "files:");
    equal(0, lib.sql(dir, "SELECT count(*) AS n FROM site_backup WHERE ok = 1", "site")[0].n, "recorded as good:");
  },
};
