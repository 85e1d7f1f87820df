// The command line: every verb has --help, every wrong use is a sentence and exit 2, every broken site is a sentence with its remedy and exit 1.
const VERBS = ["init", "serve", "check", "test", "eval", "run", "report", "user", "key", "migrate", "backup", "restore", "doctor"];

// A site whose parts a case may spoil; sentences must name the part.
function broken(lib, spoil, verbs, zh, en, code = 1) {
  for (const args of verbs) {
    const dir = lib.site();
    spoil(dir);
    lib.says([...args, "--site", dir], code, zh, en, { own: dir });
  }
}
const ALL = [["serve", "--listen", "127.0.0.1:0"], ["eval", "return 1"], ["run", "due-calls", "--day", "2026-11-21"], ["user", "list"], ["migrate"], ["doctor"], ["report", "month-service", "--month", "2026-11"]];

// Somebody who is not root, so that the modes of files mean something.
const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/"];

export default {
  "--help of every verb, in both languages": (lib) => {
    for (const verb of VERBS) {
      for (const word of ["--help", "-h"]) lib.says([verb, word], 0, new RegExp(`forecourt ${verb}[\\s\\S]*[\\u4e00-\\u9fff]`), new RegExp(`forecourt ${verb}[\\s\\S]*[a-z]{4,}`));
      const en = lib.run([verb, "--help"], { env: { FORECOURT_LANG: "en" } });
      lib.assert(!/[\u4e00-\u9fff]/.test(en.out), `${verb} --help in English has Chinese: ${en.out}`);
      lib.assert(!/used by serve|descriptor|that the console queued/.test(en.out), `${verb} --help shows what is for the host alone: ${en.out}`);
    }
    lib.says(["--help"], 0, /用法/, /usage/);
    lib.says(["--version"], 0, /forecourt \d/, /forecourt \d/);
  },
  "wrong use is a sentence and exit 2": (lib) => {
    const dir = lib.site();
    const listen = (text) => ["serve", "--site", dir, "--listen", text];
    const cases = [[], ["nonsense"], ["--nonsense"], ["init"], ["init", "a", "b"], ["init", lib.scratch(), "--nonsense"], ["init", lib.join(dir, "new")], ["serve", "extra", "--site", dir], ["serve", "--listen"], listen("nonsense"), listen("127.0.0.1:99999"), listen("127.0.0.1:-1"),
      listen("127.0.0.1:"), listen("127.0.0.1:80x"), ["serve", "--nonsense"], ["check", "--nonsense"], ["test", "--nonsense"], ["eval"], ["eval", "1", "2"], ["eval", "--nonsense", "1"], ["eval", "--seconds", "0", "return 1"], ["eval", "--seconds", "x", "return 1"], ["run", "--site", dir], ["run", "nonsense", "--site", dir],
      ["run", "due-calls", "--site", dir, "--nonsense", "1"], ["run", "due-calls", "--site", dir, "--day"], ["run", "due-calls", "--site", dir, "extra"], ["run", "import-dms", "--site", dir], ["report", "--site", dir], ["report"], ["report", "month-service", "--month", "--site", dir].slice(0, 3), ["user", "--site", dir], ["user", "nonsense", "--site", dir],
      ["user", "add", "--site", dir], ["user", "list", "extra", "--site", dir], ["user", "list", "--nonsense", "--site", dir], ["migrate", "extra", "--site", dir], ["migrate", "--nonsense"], ["doctor", "extra", "--site", dir], ["doctor", "--nonsense"]];
    const before = lib.fingerprint(dir);
    for (const args of cases) lib.says(args, 2, /[\u4e00-\u9fff]{2}/, /[a-z]{3,}/);
    lib.equal(before, lib.fingerprint(dir), "the store");
  },
  "values that do not suit": (lib) => {
    const dir = lib.site();
    const before = lib.fingerprint(dir);
    const said = (args, zh, en, code = 1) => lib.says([...args, "--site", dir], code, zh, en);
    // A value that can be no value is wrong use: nothing was tried.
    said(["run", "due-calls", "--day", "2026-13-41"], /day.*YYYY-MM-DD.*用法/, /day.*YYYY-MM-DD.*Usage/, 2);
    said(["run", "due-calls", "--day", "2026-02-30"], /day.*YYYY-MM-DD/, /day.*YYYY-MM-DD/, 2);
    said(["run", "due-calls", "--day", "tomorrow"], /YYYY-MM-DD/, /YYYY-MM-DD/, 2);
    said(["report", "month-service", "--month", "2026-13"], /month.*YYYY-MM.*用法/, /month.*YYYY-MM.*Usage/, 2);
    said(["report", "month-service", "--month", "soon"], /YYYY-MM/, /YYYY-MM/, 2);
    said(["report", "nonsense", "--month", "2026-11"], /nonsense/, /nonsense/);
    said(["user", "grant", "--login", "nobody-here", "--role", "it"], /nobody-here/, /nobody-here/);
    said(["user", "grant", "--login", "zhou", "--role", "Boss!"], /Boss!/, /Boss!/);
    said(["user", "add", "--login", "x y", "--role", "it", "--password-file", "/dev/null"], /密码|登录/, /password|login/);
    said(["user", "add", "--login", "zhou", "--role", "it", "--password-file", lib.write(lib.join(lib.scratch(), "p"), "another-pass-1\n")], /zhou/, /zhou/);
    said(["user", "add", "--login", "wang", "--role", "it", "--password-file", lib.write(lib.join(lib.scratch(), "p"), "short\n")], /密码/, /password/);
    said(["user", "add", "--login", "wang", "--role", "it,Boss!", "--password-file", lib.write(lib.join(lib.scratch(), "p"), "long-enough-1\n")], /Boss!/, /Boss!/);
    said(["user", "add", "--login", "wang", "--password-file", "/nowhere"], /\/nowhere/, /\/nowhere/);
    said(["eval", "--dealership", "elsewhere", "return 1"], /elsewhere.*nanjing/, /elsewhere.*nanjing/);
    said(["run", "due-calls", "--as", "nobody-here", "--day", "2026-11-21"], /nobody-here/, /nobody-here/);
    said(["eval", "return nowhere"], /eval:1.*nowhere/, /eval:1.*nowhere/);
    said(["eval", "return ("], /eval:1/, /eval:1/);
    said(["eval", "--file", "/nowhere.lua"], /\/nowhere\.lua/, /\/nowhere\.lua/);
    said(["check", "no-such-plugin"], /no-such-plugin/, /no-such-plugin/);
    lib.equal(before, lib.fingerprint(dir), "the store");
  },
  "no site, a folder that is none": (lib) => {
    for (const args of ALL) {
      lib.says([...args, "--site", "/nowhere/at/all"], 1, /\/nowhere\/at\/all.*forecourt init/, /\/nowhere\/at\/all.*forecourt init/);
      const empty = lib.scratch();
      lib.says([...args, "--site", empty], 1, /site\.lua.*forecourt init/, /site\.lua.*forecourt init/);
      lib.equal(0, lib.readdirSync(empty).length, "nothing was made in it");
    }
  },
  "site.lua with a mistake": (lib) => {
    const file = (text) => (dir) => lib.write(lib.join(dir, "site.lua"), text);
    broken(lib, file("return {\n  name = 'x',\n  dealerships = { { id = 'nanjing' }\n"), ALL, /site\.lua:\d+: /, /site\.lua:\d+: /);
    broken(lib, file("return 5\n"), [["serve"], ["check"]], /site\.lua.*表/, /site\.lua.*table/);
    broken(lib, file("return {}\n"), [["serve"], ["check"]], /site\.lua.*dealerships/, /site\.lua.*dealerships/);
    broken(lib, file("return { dealerships = { { id = '../x' } } }\n"), [["serve"]], /site\.lua.*id/, /site\.lua.*id/);
    broken(lib, file("return { dealerships = { { id = 'a' }, { id = 'a' } } }\n"), [["serve"]], /site\.lua.*a/, /site\.lua.*a/);
    broken(lib, file("while true do end\n"), [["serve"], ["doctor"]], /site\.lua.*时间/, /site\.lua.*time budget/);
    broken(lib, file("return { dealerships = { { id = 'nanjing' } }, name = os.getenv('HOME') }\n"), [["serve"]], /site\.lua:1.*os/, /site\.lua:1.*os/);
  },
  "a pack that is not there": (lib) => {
    const dir = lib.site();
    lib.write(lib.join(dir, "site.lua"), lib.read(lib.join(dir, "site.lua")).replace(/packs = \{[^}]*\}/, 'packs = { "changan", "no-such-pack" }'));
    lib.says(["check", "--site", dir], 1, /site\.lua:\d+: .*no-such-pack.*packs\/no-such-pack/, /site\.lua:\d+: .*no-such-pack.*packs\/no-such-pack/);
    lib.equal(0, lib.run(["eval", "--site", dir, 'return #require("host.point")("questionnaires")']).code, "the rest works");
    lib.says(["doctor", "--site", dir], 1, /no-such-pack/, /no-such-pack/);
  },
  "a lost key is not replaced": (lib) => {
    const key = (dir) => lib.join(dir, "secrets/master.key");
    broken(lib, (dir) => lib.rmSync(key(dir)), ALL, /master\.key/, /master\.key/);
    const dir = lib.site();
    lib.rmSync(key(dir));
    lib.run(["serve", "--site", dir, "--listen", "127.0.0.1:0"], { timeout: 5000 });
    lib.assert(!lib.existsSync(key(dir)), "no new key was made");
    broken(lib, (dir) => lib.write(key(dir), "nonsense\n"), [["serve"], ["doctor"]], /master\.key/, /master\.key/);
  },
  "a key that others can read": (lib) => {
    broken(lib, (dir) => lib.chmodSync(lib.join(dir, "secrets/master.key"), 0o644), ALL, /master\.key.*chmod 600/, /master\.key.*chmod 600/);
  },
  "a database of a newer version": (lib) => {
    const newer = (dir) => lib.sql(dir, "INSERT INTO fc_migration (number, name, hash, at) VALUES (9999, '9999_future.sql', 'x', 1)");
    broken(lib, newer, ALL, /nanjing\.db.*(新|升级)/, /nanjing\.db.*(newer|upgrade)/);
    const dir = lib.site();
    newer(dir);
    const before = lib.fingerprint(dir);
    lib.run(["serve", "--site", dir, "--listen", "127.0.0.1:0"], { timeout: 5000 });
    lib.run(["run", "due-calls", "--site", dir, "--day", "2026-11-21"]);
    lib.equal(before, lib.fingerprint(dir), "the store");
  },
  "a database that is none, and one whose migration was changed": (lib) => {
    broken(lib, (dir) => {
      for (const end of ["-wal", "-shm"]) lib.rmSync(lib.join(dir, "data/nanjing.db" + end), { force: true });
      lib.write(lib.join(dir, "data/nanjing.db"), "this is no database, and it is long enough to be taken for one".repeat(100));
    }, ALL.slice(0, 4), /nanjing\.db/, /nanjing\.db/);
    broken(lib, (dir) => lib.sql(dir, "UPDATE fc_migration SET hash = 'other' WHERE number = 1"), ALL.slice(0, 2), /nanjing\.db.*0001/, /nanjing\.db.*0001/);
  },
  "a data folder that cannot be written": (lib) => {
    if (!lib.isRoot()) return { skip: "needs root to become somebody else" };
    const dir = lib.site();
    lib.spawnSync("chown", ["-R", "65534:65534", dir]);
    const as = { prefix: nobody, own: dir };
    lib.equal(0, lib.run(["eval", "--site", dir, "return 1"], as).code, "as its owner it works");
    lib.spawnSync("chown", ["root:root", lib.join(dir, "data")]);
    for (const args of ALL) lib.says([...args, "--site", dir], 1, /data: 没有写入权限/, /data: cannot be written/, as);
    lib.spawnSync("chown", ["-R", "65534:65534", dir]);
    lib.spawnSync("chown", ["root:root", lib.join(dir, "data/nanjing.db")]);
    for (const args of ALL.slice(0, 3)) lib.says([...args, "--site", dir], 1, /nanjing\.db/, /nanjing\.db/, as);
    lib.spawnSync("chown", ["-R", "65534:65534", dir]);
    lib.chmodSync(lib.join(dir, "secrets/master.key"), 0o000);
    lib.says(["serve", "--site", dir], 1, /master\.key/, /master\.key/, as);
  },
  "a disk that is mounted read-only, and one that is full": (lib) => {
    if (!lib.isRoot()) return { skip: "needs root to mount" };
    const dir = lib.site();
    if (lib.spawnSync("mount", ["--bind", lib.join(dir, "data"), lib.join(dir, "data")]).status !== 0) return { skip: "mounting is not allowed here" };
    lib.spawnSync("mount", ["-o", "remount,ro,bind", lib.join(dir, "data")]);
    try {
      for (const args of ALL) lib.says([...args, "--site", dir], 1, /data(: 没有写入权限|\/site\.db: 无法写入)/, /data(: |\/site\.db: )cannot be written/, { own: dir }); // migrate looks into the store first
    } finally {
      lib.spawnSync("umount", [lib.join(dir, "data")]);
    }
    const small = lib.site();
    const data = lib.join(small, "data");
    lib.spawnSync("sh", ["-c", 'mv "$1" "$1.old" && mkdir "$1" && mount -t tmpfs -o size=3m none "$1" && cp -a "$1.old/." "$1/"', "sh", data]);
    try {
      const rows = Array.from({ length: 20000 }, (_, i) => `RO26111${String(i).padStart(6, "0")},保养,2026-11-18,2026-11-18,苏A${String(i % 100000).padStart(5, "0")},LS5TEST10TA${String(i).padStart(6, "0")},张${i},13000${String(i).padStart(6, "0")}`);
      const file = lib.write(lib.join(lib.scratch(), "many.csv"), "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + rows.join("\n") + "\n");
      lib.says(["run", "import-dms", "--site", small, "--file", file], 1, /磁盘/, /disk/);
      lib.says(["run", "import-dms", "--site", small, "--file", lib.write(lib.join(lib.scratch(), "few.csv"), "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" + rows.slice(0, 6000).join("\n") + "\n")], 1, /磁盘/, /disk/);
      const roomy = lib.scratch();
      lib.spawnSync("cp", ["-a", data, roomy]);
      lib.equal("ok", lib.sql(roomy, "PRAGMA integrity_check")[0].integrity_check, "integrity");
      lib.equal(0, lib.sql(roomy, "PRAGMA foreign_key_check").length, "foreign keys");
    } finally {
      lib.spawnSync("umount", [data]);
    }
  },
  "a port that is in use": async (lib) => {
    const dir = lib.site(), other = lib.site();
    const host = await lib.serve(dir);
    lib.says(["serve", "--site", other, "--listen", `127.0.0.1:${host.port}`], 1, new RegExp(`127\\.0\\.0\\.1:${host.port}.*--listen|${host.port}.*(占用|使用)`), new RegExp(`${host.port}.*(in use|taken|already)`));
    lib.says(["serve", "--site", other, "--listen", "192.0.2.77:0"], 1, /192\.0\.2\.77/, /192\.0\.2\.77/);
    lib.equal(200, (await lib.ask(host.port, "GET", "/healthz")).status, "the first one");
  },
  "run SCRIPT --help names its parameters, run --help the scripts": (lib) => {
    const dir = lib.site();
    for (const where of [["--site", dir], []]) {
      lib.says(["run", "import-dms", ...where, "--help"], 0, /导入 DMS 工单[\s\S]*--file[^\n]*文件[^\n]*必填[^\n]*工单文件[\s\S]*--name/, /Import work orders[\s\S]*--file FILE[^\n]*required[^\n]*File of work orders[\s\S]*--name TEXT/);
      lib.says(["run", ...where, "-h"], 0, /脚本[\s\S]*due-calls[\s\S]*import-dms[\s\S]*run 脚本 --help/, /scripts[\s\S]*due-calls[\s\S]*import-dms[\s\S]*run SCRIPT --help/);
    }
    lib.write(lib.join(dir, "scripts/choose.lua"), `local script = require "host.script"
return script "choose" { title = { zh = "选择", en = "Choose" }, who = { "it" }, run = function() return {} end, params = {
  script.choice "act" { title = { zh = "做什么", en = "What to do" }, choices = { "new", { value = "old", title = { zh = "旧的", en = "Old" } } }, default = "new" } } }`);
    lib.says(["run", "choose", "--site", dir, "--help"], 0, /--act[^\n]*默认 new[^\n]*做什么[\s\S]*new, old/, /--act[^\n]*default new[^\n]*What to do[\s\S]*new, old/);
    lib.says(["run", "nonsense", "--site", dir, "--help"], 2, /没有脚本 'nonsense'[\s\S]*import-dms/, /no script 'nonsense'[\s\S]*import-dms/);
  },
  "check --json NAME of a plugin that is not there": (lib) => {
    const got = lib.run(["check", "--json", "nonsense"]);
    lib.equal(1, got.code, "exit code");
    const problem = JSON.parse(got.out);
    lib.equal("nonsense", problem.plugin);
    lib.match(/没有这个插件/, problem.zh);
    lib.match(/no such plugin/, problem.en);
    lib.says(["check", "nonsense"], 1, /nonsense: 没有这个插件/, /nonsense: there is no such plugin/);
  },
  "test NAME of a plugin with a broken file says what is broken, once, and not that there is no such plugin": (lib) => {
    const dir = lib.site();
    lib.plugin(dir, "bad", { "pages/p.lua": "return (\n" });
    const got = lib.run(["test", "--site", dir, "bad"]);
    lib.equal(1, got.code, "exit code");
    lib.match(/p\.lua:2: /, got.out);
    lib.match(/0 个通过，1 个失败/, got.out);
    lib.says(["test", "--site", dir, "nonsense"], 1, /nonsense: 没有这个插件/, /nonsense: there is no such plugin/);
  },
  "what runs in memory leaves no folder behind, also after errors": (lib) => {
    const tmp = lib.scratch("tmp"), bad = lib.site();
    lib.plugin(bad, "bad", { "pages/p.lua": "return (\n", "tests/a_test.lua": "it('fails', function() error 'x' end)" });
    const left = (args, code) => {
      lib.equal(code, lib.run(args, { env: { TMPDIR: tmp } }).code, args.join(" "));
      lib.equal("", lib.readdirSync(tmp).join(), `${args.join(" ")} leaves`);
    };
    left(["check"], 0);
    left(["check", "--site", bad], 1);
    left(["check", "--site", tmp], 1);
    left(["eval", "return 1"], 0);
    left(["eval", "error 'x'"], 1);
    left(["eval", "while true do end", "--seconds", "1"], 1);
    left(["test", "survey"], 0);
    left(["test", "--site", bad, "bad"], 1);
    left(["run", "--help"], 0);
  },
  "init on a terminal asks the password twice and says nothing else": async (lib) => {
    const talk = async (dir, answers) => {
      const child = lib.spawn("script", ["-qec", `${lib.binary()} init ${dir}`, "/dev/null"], { env: { PATH: process.env.PATH, FORECOURT_LANG: "en", TERM: "dumb" } });
      let said = "";
      child.stdout.on("data", (d) => (said += d));
      const ended = new Promise((done) => child.on("close", done));
      for (const [prompt, answer] of answers) {
        await lib.eventually(() => prompt.test(said), "asked for " + prompt + ", said: " + said);
        await lib.pause(150);
        said = "";
        child.stdin.write(answer + "\n");
      }
      const code = await ended;
      return { code, said };
    };
    const twice = (again) => [[/name of the dealership/, "Store"], [/login/, "admin"], [/password \(/, "long-enough-1"], [/again/, again]];
    const dir = lib.join(lib.scratch(), "new");
    const wrong = await talk(dir, twice("long-enough-2"));
    lib.equal(1, wrong.code, wrong.said);
    lib.match(/not the same/, wrong.said);
    lib.assert(!lib.existsSync(dir), "it leaves " + dir);
    const right = await talk(dir, twice("long-enough-1"));
    lib.equal(0, right.code, right.said);
    lib.assert(!/\d{4}_\w+|info/.test(right.said), "log lines in the dialogue: " + right.said);
  },
  "init makes a site that passes check, and overwrites none": (lib) => {
    const dir = lib.join(lib.scratch(), "deep/new");
    const made = lib.run(["init", dir, "--name", 'A "quoted" \\ name', "--login", "admin", "--password-file", "-"], { input: "long-enough-1\n" });
    lib.equal(0, made.code, made.err);
    lib.says(["check", "--site", dir], 0, /ok/, /ok/);
    lib.says(["doctor", "--site", dir], 0, /ok/, /ok/);
    for (const path of ["data", "secrets"]) lib.equal(0o700, lib.statSync(lib.join(dir, path)).mode & 0o777, path);
    for (const path of ["secrets/master.key", "data/main.db", "data/site.db"]) lib.equal(0o600, lib.statSync(lib.join(dir, path)).mode & 0o777, path);
    const before = lib.read(lib.join(dir, "site.lua")) + lib.read(lib.join(dir, "secrets/master.key"));
    const again = lib.run(["init", dir, "--name", "other", "--login", "admin", "--password-file", "-"], { input: "long-enough-1\n" });
    lib.equal(1, again.code, "again");
    lib.equal(before, lib.read(lib.join(dir, "site.lua")) + lib.read(lib.join(dir, "secrets/master.key")), "site.lua and the key");
    const short = lib.join(lib.scratch(), "short");
    lib.equal(1, lib.run(["init", short, "--name", "x", "--login", "admin", "--password-file", "-"], { input: "short\n" }).code, "a short password");
    lib.assert(!lib.existsSync(short), "a refused password leaves " + short);
    const retried = lib.run(["init", short, "--name", "x", "--login", "admin", "--password-file", "-"], { input: "long-enough-1\n" });
    lib.equal(0, retried.code, "after a refused password init can be run again: " + retried.err);
    const bad = lib.join(lib.scratch(), "bad");
    lib.equal(1, lib.run(["init", bad, "--name", "x", "--id", "Bad/../Id", "--login", "admin", "--password-file", "-"], { input: "long-enough-1\n" }).code, "a bad id");
    lib.assert(!lib.existsSync(bad), "a bad id leaves " + bad);
    const own = lib.join(lib.scratch(), "own"), deep = lib.join(lib.scratch(), "a/b/c");
    lib.write(lib.join(own, "plugins/mine/plugin.lua"), "return {}");
    lib.equal(1, lib.run(["init", own, "--name", "x", "--login", "No Login", "--password-file", "-"], { input: "long-enough-1\n" }).code, "a bad login");
    lib.equal("plugins", lib.readdirSync(own).join(), "what was there stays, and nothing comes to it:");
    lib.equal(1, lib.run(["init", deep, "--name", "x", "--login", "admin", "--password-file", "/nowhere"]).code, "no password file");
    lib.assert(!lib.existsSync(lib.join(deep, "../..")), "folders above it are left");
    if (lib.isRoot()) {
      const tiny = lib.scratch("tiny");
      lib.equal(0, lib.spawnSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", tiny]).status, "mount");
      lib.says(["init", lib.join(tiny, "new"), "--name", "x", "--login", "admin", "--password-file", "-"], 1, /磁盘/, /disk/, { input: "long-enough-1\n" });
      lib.equal("", lib.readdirSync(tiny).join(), "left on a full disk:");
    }
    lib.equal(0, lib.run(["init", bad, "--name", "x", "--id", "good", "--login", "admin", "--password-file", "-"], { input: "long-enough-1\n" }).code, "then a good one");
  },
};
