// Packs: from the publisher to the dealer, and everything that must not come in.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { ask, assert, binary, equal, eventually, existsSync, isRoot, join, long, match, measured, pause, read, readdirSync, rmSync, run, says, scratch, serve, signIn, site, spawnSync, sql, write } from "../lib.mjs";
import { Shim, missing, some } from "../shim.mjs";

const page = (version) => `local page = require "host.page"
return page "GET !/acme" { who = "anyone", function() return { version = "${version}" } end }
`;
const manifest = (id, version, more = "") => `return { id = "${id}", version = "${version}", title = { zh = "演示", en = "Demo" }${more} }\n`;

const ok = (args, o) => {
  const got = run(args, o);
  equal(0, got.code, `${args.join(" ")}: ${got.err} ${got.out}`);
  return got;
};

// A folder with a key and what it publishes.
class Publisher {
  constructor(name = "acme") {
    this.dir = scratch("publisher");
    this.name = name;
    ok(["pack", "key", "new", name, "--no-password"], { cwd: this.dir });
    this.key = join(this.dir, name + ".key");
    this.pub = join(this.dir, name + ".pub");
    this.id = /key (\w{16})/.exec(read(this.pub))[1];
  }
  build(id, version, files, more = "", flags = []) {
    const folder = join(scratch("source"), id);
    write(join(folder, "plugin.lua"), manifest(id, version, more));
    for (const [path, text] of Object.entries(files || { "pages/p.lua": page(version) })) write(join(folder, path), text);
    return join(this.dir, ok(["pack", "build", folder, ...flags], { cwd: this.dir }).out.trim());
  }
  sign(pack, ...flags) {
    ok(["pack", "sign", pack, "--key", this.key, ...flags]);
    return pack;
  }
  publish(id, version, files, more) {
    return this.sign(this.build(id, version, files, more));
  }
  index(dir = this.dir, ...flags) {
    ok(["pack", "index", dir, "--name", this.name, "--key", this.key, ...flags]);
    return dir;
  }
}

function dealer(publisher, space = "acme") {
  const dir = site();
  ok(["pack", "trust", publisher.pub, "--namespace", space, "--site", dir]);
  return dir;
}

const install = (dir, ...words) => ok(["pack", "install", ...words, "--site", dir, "--yes"]);
const lock = (dir) => (existsSync(join(dir, "packs.lock")) ? JSON.parse(read(join(dir, "packs.lock"))).packs : {});
const unpacked = (dir) => (existsSync(join(dir, "packs")) ? readdirSync(join(dir, "packs")).filter((n) => n.includes("@") || n.startsWith(".new")) : []);
// What a start of the site puts in force; undefined where it is not there.
const inForce = (dir) => {
  ok(["eval", "--site", dir, "return 1"]);
  return sql(dir, "SELECT version FROM host_live_set WHERE plugin = 'acme-x'")[0]?.version;
};
const shows = (host, what) => eventually(async () => {
  const got = await ask(host.port, "GET", "/acme", { headers: { Accept: "application/json" } });
  return what ? got.status === 200 && got.text.includes(what) : got.status !== 200;
}, `/acme shows ${what}`);

// ---- archives by hand

const pad = (n) => Buffer.alloc((512 - (n % 512)) % 512);
function header(name, size, o = {}) {
  const h = Buffer.alloc(512);
  h.write(name, 0, 100, "latin1");
  h.write("0000644\0", 100);
  h.write("0000000\0", 108);
  h.write("0000000\0", 116);
  h.write((o.size ?? size).toString(8).padStart(11, "0") + "\0", 124);
  h.write("00000000000\0", 136);
  h.write(o.type || "0", 156);
  h.write(o.link || "", 157);
  h.write("ustar\0" + "00", 257);
  h.write("0000000\0", 329);
  h.write("0000000\0", 337);
  h.write("        ", 148);
  let sum = 0;
  for (const b of h) sum += b;
  h.write(sum.toString(8).padStart(6, "0") + "\0 ", 148);
  return h;
}
const entry = (name, text = "", o = {}) => Buffer.concat([header(name, Buffer.byteLength(text), o), Buffer.from(text), pad(Buffer.byteLength(text))]);
const END = Buffer.alloc(1024);

// The entries of an archive as [name, bytes of the whole entry].
function entries(tar) {
  const out = [];
  for (let at = 0; tar[at]; ) {
    const name = tar.toString("latin1", at, at + 100).replace(/\0.*/s, ""), size = parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    const end = at + 512 + size + pad(size).length;
    out.push([name, tar.subarray(at, end)]);
    at = end;
  }
  return out;
}
const put = (...parts) => write(join(scratch("hostile"), "x.pack"), Buffer.concat(parts));

export default {
  "two commands of the publisher, two of the dealer, and a running server has it": async () => {
    const p = new Publisher(), dir = site(), host = await serve(dir);
    await shows(host, "");
    const folder = join(scratch("source"), "acme-x");
    write(join(folder, "plugin.lua"), manifest("acme-x", "1.0.0"));
    write(join(folder, "pages/p.lua"), page("1.0.0"));
    ok(["pack", "build", folder], { cwd: p.dir });
    ok(["pack", "sign", "acme-x-1.0.0.pack", "--key", p.key], { cwd: p.dir });
    ok(["pack", "trust", p.pub, "--namespace", "acme"], { cwd: dir });
    ok(["pack", "install", join(p.dir, "acme-x-1.0.0.pack"), "--yes"], { cwd: dir });
    await shows(host, "1.0.0");
    install(dir, p.publish("acme-x", "1.1.0"));
    await shows(host, "1.1.0");
    match(/1\.1\.0 .*(安装包|pack installed) \(cli:/, ok(["plugin", "history", "acme-x", "--site", dir]).out, "who brought it:");
    equal(0, sql(dir, "SELECT 1 FROM host_audit WHERE what = 'plugin.live' AND subject = 'acme-x' AND actor NOT LIKE 'cli:%'").length, "by nobody:");
    ok(["pack", "remove", "acme-x", "--site", dir]);
    await shows(host, "");
    await host.stop();
  },

  "who did what with a pack stands in the audit log, once, also where nobody serves the site": async () => {
    const p = new Publisher(), dir = dealer(p), store = () => sql(dir, "SELECT actor, what, subject, detail FROM host_audit WHERE what LIKE 'pack.%' ORDER BY id");
    const acts = () => store().map((r) => r.what.slice(5) + " " + r.subject).join(), last = () => JSON.parse(store().at(-1).detail);
    const host = await serve(dir), login = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
    const reach = (what) => eventually(async () => acts().endsWith(what), `the audit log ends with ${what}`);
    await reach("trust " + p.id);
    equal("acme", last().namespace);
    install(dir, p.publish("acme-x", "1.0.0", undefined, ', uses = { "host.db" }'));
    await reach("install acme-x");
    let d = last();
    equal("1.0.0", d.version);
    equal(lock(dir)["acme-x"].hash, d.hash);
    equal(p.id, d.key);
    equal("uses:host.db", d.asks.join());
    match(/[^\x00-\xff]/, d.words[0].zh);
    equal("cli:" + login, store().at(-1).actor);
    // an update that asks for more: who put it there, who refused, who agreed and to what
    const wide = p.publish("acme-x", "1.1.0", undefined, ', uses = { "host.db", "host.mail" }');
    install(dir, wide);
    await reach("wait acme-x");
    ok(["pack", "accept", "--refuse", "--site", dir]);
    await reach("refuse acme-x");
    install(dir, wide);
    ok(["pack", "accept", "--yes", "--site", dir]);
    await reach("accept acme-x");
    d = last();
    equal("1.0.0 1.1.0 uses:host.mail", `${d.before} ${d.version} ${d.more.join()}`);
    ok(["pack", "remove", "acme-x", "--site", dir]);
    await reach("remove acme-x");
    equal("1.1.0 " + p.id, `${last().version} ${last().key}`);
    await shows(host, "");
    says(["plugin", "history", "acme-x", "--site", dir], 0, new RegExp(`包已移除（cli:${login}）`), new RegExp(`pack removed \\(cli:${login}\\)`));
    equal("removed", sql(dir, "SELECT ended_why AS w FROM host_plugin_history WHERE plugin = 'acme-x' AND version = '1.1.0'")[0].w);
    await host.stop();
    // nobody serves it: what was done is written at the next start, and once
    ok(["pack", "untrust", p.id, "--site", dir]);
    const before = store().length;
    ok(["eval", "--site", dir, "return 1"]);
    assert(acts().includes("untrust " + p.id), acts()); // each process has a clock of its own here, so not at the end
    ok(["eval", "--site", dir, "return 1"]);
    equal(before + 1, store().length);
  },

  "the same bytes whoever builds it": () => {
    const p = new Publisher(), one = join(scratch("a"), "acme-x"), two = join(scratch("b"), "other-name");
    for (const [dir, names] of [[one, ["b.lua", "a.lua", "C.lua"]], [two, ["C.lua", "a.lua", "b.lua"]]]) {
      write(join(dir, "plugin.lua"), manifest("acme-x", "1.0.0"));
      for (const n of names) write(join(dir, "lib", n), `return "${n}"\n`);
    }
    spawnSync("sh", ["-c", `chmod 600 ${two}/lib/*; touch -d 2001-01-01 ${two}/lib/a.lua; echo x >${two}/.hidden; echo x >${two}/plugin.lua~`]);
    const a = read(ok(["pack", "build", one, "--to", join(p.dir, "a.pack")]).out.trim());
    const b = read(ok(["pack", "build", two, "--to", join(p.dir, "b.pack")], { env: { LC_ALL: "C", TZ: "America/New_York", FORECOURT_LANG: "en" } }).out.trim());
    assert(a === b, "the two packs differ");
    const signed = read(p.sign(join(p.dir, "a.pack")));
    assert(signed === read(p.sign(join(p.dir, "a.pack"))) && signed === read(p.sign(join(p.dir, "b.pack"))), "the signatures differ");
    const listed = spawnSync("tar", ["tf", join(p.dir, "a.pack")], { encoding: "utf8" });
    equal("INDEX\nINDEX.minisig\nlib/C.lua\nlib/a.lua\nlib/b.lua\nplugin.lua\n", listed.stdout, "tar:");
  },

  "the minisign program verifies what we sign, and signs with our keys": () => {
    if (spawnSync("minisign", ["-v"]).error) return { skip: "there is no minisign" };
    const p = new Publisher(), pack = p.publish("acme-x", "1.0.0"), dir = p.dir;
    spawnSync("tar", ["xf", pack, "INDEX", "INDEX.minisig"], { cwd: dir });
    const good = spawnSync("minisign", ["-Vm", "INDEX", "-p", p.pub], { cwd: dir, encoding: "utf8" });
    equal(0, good.status, good.stderr);
    match(/id:acme-x\tversion:1\.0\.0\tseq:100000000/, good.stdout);
    write(join(dir, "INDEX"), read(join(dir, "INDEX")).replace("1.0.0", "1.0.1"));
    equal(1, spawnSync("minisign", ["-Vm", "INDEX", "-p", p.pub], { cwd: dir }).status, "a changed INDEX:");
    write(join(dir, "text"), "hello\n");
    const made = spawnSync("minisign", ["-Sm", "text", "-s", p.key], { cwd: dir, encoding: "utf8", input: "" });
    equal(0, made.status, "minisign with our secret key: " + made.stderr);
    // and a key of minisign's signs packs
    equal(0, spawnSync("minisign", ["-G", "-W", "-p", "m.pub", "-s", "m.key"], { cwd: dir, input: "" }).status);
    const other = p.build("acme-y", "1.0.0");
    ok(["pack", "sign", other, "--key", join(dir, "m.key")]);
    ok(["pack", "verify", other, "--pub", join(dir, "m.pub")]);
    // an encrypted one of ours
    ok(["pack", "key", "new", "locked", "--password-file", "-"], { cwd: dir, input: "geheim-genug\n" });
    const locked = spawnSync("minisign", ["-Sm", "text", "-x", "l.minisig", "-s", "locked.key"], { cwd: dir, encoding: "utf8", input: "geheim-genug\n" });
    equal(0, locked.status, "minisign with our encrypted key: " + locked.stderr);
    equal(0, spawnSync("minisign", ["-Vm", "text", "-x", "l.minisig", "-p", "locked.pub"], { cwd: dir }).status);
    says(["pack", "sign", other, "--key", join(dir, "locked.key"), "--password-file", write(join(dir, "wrong"), "falsch-falsch\n")], 1, /密码不对/, /wrong password/);
    ok(["pack", "sign", other, "--key", join(dir, "locked.key"), "--password-file", write(join(dir, "right"), "geheim-genug\n")]);
  },

  "hostile archives are refused by name, and nothing is unpacked": async () => {
    const p = new Publisher(), dir = dealer(p), other = new Publisher("other"), tar = Buffer.from(read(p.publish("acme-x", "1.0.0", { "a.lua": "return 1\n", "b.lua": "return 2\n" })), "utf8");
    const parts = entries(tar).map(([, bytes]) => bytes), [INDEX, SIG, A, B, MAIN] = parts;
    equal("INDEX INDEX.minisig a.lua b.lua plugin.lua", entries(tar).map(([n]) => n).join(" "));
    const flipped = Buffer.from(tar), at = tar.indexOf("return 2");
    flipped[at + 7] ^= 1;
    const big = Buffer.alloc(1 << 20, "x");
    const swap = (part) => [INDEX, SIG, part, B, MAIN, END];
    const cases = [
      ["a changed byte", [flipped], /b\.lua 的内容与 INDEX 不符/, /content of b\.lua is not what INDEX says/],
      ["a symbolic link", swap(entry("a.lua", "", { type: "2", link: "/etc/passwd" })), /a\.lua 是符号链接/, /a\.lua is a symbolic link/],
      ["a hard link", swap(entry("a.lua", "", { type: "1", link: "plugin.lua" })), /a\.lua 是硬链接/, /a\.lua is a hard link/],
      ["a device", swap(entry("a.lua", "", { type: "3" })), /a\.lua 是设备/, /a\.lua is a device/],
      ["a pipe", swap(entry("a.lua", "", { type: "6" })), /a\.lua 是设备或管道/, /a\.lua is a device or a pipe/],
      ["a folder", swap(entry("a", "", { type: "5" })), /a 是文件夹条目/, /a is an entry for a folder/],
      ["a path outside", swap(entry("../../evil.lua", "return 1\n")), /'\.\.\/\.\.\/evil\.lua' 指向包的外面/, /'\.\.\/\.\.\/evil\.lua' leads out of the pack/],
      ["a path outside in the middle", swap(entry("a/../../evil.lua", "x")), /指向包的外面/, /leads out of the pack/],
      ["an absolute path", swap(entry("/etc/cron.d/x", "x")), /'\/etc\/cron\.d\/x' 是绝对路径/, /'\/etc\/cron\.d\/x' is an absolute path/],
      ["a backslash", swap(entry("..\\evil", "x")), /'\.\.\\evil' 含有反斜杠/, /'\.\.\\evil' holds a backslash/],
      ["a control character", swap(entry("a\nb", "x")), /'a\?b' 含有控制字符/, /'a\?b' holds a control character/],
      ["a name with a NUL", swap(entry("a.lua\0.exe", "return 1\n")), /a\.lua 的文件头/, /the header of a\.lua/],
      ["a name twice", [INDEX, SIG, A, A, B, MAIN, END], /a\.lua 出现了两次/, /a\.lua is there twice/],
      ["capitals", [INDEX, SIG, entry("A.lua", "return 1\n"), B, MAIN, END], /A\.lua 和 a\.lua 只有大小写不同/, /A\.lua and a\.lua differ in capitals only/],
      ["a missing file", [INDEX, SIG, B, MAIN, END], /INDEX 中的 a\.lua 不在包里/, /a\.lua stands in INDEX and is missing/],
      ["a file too much", [INDEX, SIG, A, B, MAIN, entry("z.lua", "x"), END], /z\.lua 不在 INDEX 中/, /z\.lua does not stand in INDEX/],
      ["INDEX twice", [INDEX, INDEX, SIG, A, B, MAIN, END], /INDEX 出现了两次/, /INDEX is there twice/],
      ["no INDEX", [A, B, MAIN, END], /不是插件包|第一个文件是 a\.lua/, /is no pack|the first file is a\.lua/],
      ["an executable", swap((() => { const h = Buffer.from(A); h.write("0000755", 100); let s = 0; h.write("        ", 148); for (const b of h.subarray(0, 512)) s += b; h.write(s.toString(8).padStart(6, "0") + "\0 ", 148); return h; })()), /a\.lua 的文件头（权限/, /the header of a\.lua \(mode/],
      ["a size that lies", [INDEX, SIG, entry("a.lua", "return 1\nreturn 2\n"), B, MAIN, END], /a\.lua 有 18 字节，INDEX 说是 9/, /a\.lua has 18 bytes, INDEX says 9/],
      ["eight gigabytes in a header", [INDEX, SIG, header("a.lua", 0, { size: 8589934591 }), B, MAIN, END], /a\.lua 有 8589934591 字节/, /a\.lua has 8589934591 bytes/],
      ["eight gigabytes of INDEX", [header("INDEX", 0, { size: 8589934591 }), A, END], /INDEX 太大/, /INDEX is too large/],
      ["a sparse file", swap(entry("a.lua", "", { type: "S" })), /扩展条目/, /extended entry/],
      ["a long name's record", swap(entry("././@LongLink", "x".repeat(300), { type: "L" })), /扩展条目/, /extended entry/],
      ["a pax record", swap(entry("x", "30 path=../../../etc/passwd\n", { type: "x" })), /扩展条目/, /extended entry/],
      ["bytes behind the end", [tar, Buffer.from("more")], /结尾之后还有别的字节/, /more bytes behind the end/],
      ["half of it", [tar.subarray(0, tar.length / 2)], /不完整|结尾缺失|不在包里/, /incomplete|missing/],
      ["compressed", [gzipSync(tar)], /是压缩文件/, /is compressed/],
      ["a bomb", [gzipSync(Buffer.alloc(200 << 20))], /是压缩文件/, /is compressed/],
      ["more than a pack may have", [tar.subarray(0, tar.length - 1024), ...Array(70).fill(big)], /超过 \d+ 字节的上限/, /larger than the limit/],
      ["something else", [Buffer.from("PK\x03\x04hello")], /是压缩文件/, /is compressed/],
      ["nothing", [Buffer.alloc(0)], /不是插件包/, /is no pack/],
      ["no signature", [INDEX, A, B, MAIN, END], /没有签名，而 acme-x 应由/, /is not signed, and acme-x is to be signed/],
      ["another pack's signature", [INDEX, entries(Buffer.from(read(p.publish("acme-y", "1.0.0")), "utf8"))[1][1], A, B, MAIN, END], /签名与密钥 \w+ 不符/, /signature does not fit the key/],
    ];
    for (const [name, bytes, zh, en] of cases) {
      const file = put(...bytes);
      says(["pack", "install", file, "--site", dir, "--yes"], 1, zh, en);
      says(["pack", "install", file, "--site", dir, "--yes", "--dev"], name === "no signature" ? 0 : 1, /./, /./);
      if (name === "no signature") ok(["pack", "remove", "acme-x", "--site", dir]);
      equal("", unpacked(dir).join(), name + ": unpacked:");
      equal("{}", JSON.stringify(lock(dir)), name + ": lock:");
    }
    const wrong = other.publish("acme-x", "1.0.0");
    says(["pack", "install", wrong, "--site", dir, "--yes"], 1, new RegExp(`由密钥 ${other.id} 签名，但这个站点不信任它`), new RegExp(`signed by the key ${other.id}, which this site does not trust`));
    const peak = await measured(["pack", "install", put(INDEX, SIG, header("a.lua", 0, { size: 8589934591 }), B, MAIN, END), "--site", dir, "--yes"]);
    assert(peak.peakMiB < 200, `${peak.peakMiB} MiB for a header that lies`);
    return `${cases.length} archives`;
  },

  "an INDEX that lies is refused even where its key signed it": () => {
    // What a publisher with a tool of his own could sign: only names and sizes can be wrong then, and INDEX is read first.
    const p = new Publisher(), dir = dealer(p), h = "0".repeat(64);
    const head = "forecourt-pack 1\nid acme-x\nversion 1.0.0\nseq 1\n";
    for (const [lines, zh, en] of [
      [[`file 1 ${h} ../../etc/x`, `file 1 ${h} plugin.lua`], /指向包的外面/, /leads out of the pack/],
      [[`file 1 ${h} A.lua`, `file 1 ${h} a.lua`, `file 1 ${h} plugin.lua`], /只有大小写不同/, /differ in capitals only/],
      [[`file 1 ${h} a`, `file 1 ${h} a/b`, `file 1 ${h} plugin.lua`], /又是一个文件/, /is a file, too/],
      [[`file 99999999999 ${h} plugin.lua`], /太大/, /too large/],
      [Array.from({ length: 5 }, (_, i) => `file 16000000 ${h} a${i}`).concat(`file 1 ${h} plugin.lua`), /64 MiB/, /64 MiB/],
      [Array.from({ length: 2100 }, (_, i) => `file 1 ${h} a${String(i).padStart(5, "0")}`).concat(`file 1 ${h} plugin.lua`), /文件太多/, /too many files/],
      [[`file 1 ${h} index`, `file 1 ${h} plugin.lua`], /包自己的文件名/, /the pack's own name/],
      [[`file 1 ${h} lua.lua`], /没有 plugin\.lua/, /no plugin\.lua/],
    ])
      says(["pack", "install", put(entry("INDEX", head + lines.join("\n") + "\n"), END), "--site", dir, "--yes", "--dev"], 1, zh, en);
    equal("", unpacked(dir).join());
  },

  "a sequence never goes down, also after the pack was removed": () => {
    const p = new Publisher(), dir = dealer(p), old = p.publish("acme-x", "1.0.0"), now = p.publish("acme-x", "1.2.0");
    install(dir, now);
    says(["pack", "install", old, "--site", dir, "--yes"], 1, /序号 100000000 低于这里见过的 100020000/, /sequence 100000000, and 100020000 was seen here/);
    ok(["pack", "remove", "acme-x", "--site", dir]);
    says(["pack", "install", old, "--site", dir, "--yes", "--dev"], 1, /低于这里见过的/, /was seen here/);
    says(["pack", "install", p.publish("acme-x", "1.2.0", { "pages/p.lua": page("other") }), "--site", dir, "--yes"], 1, /已见过，但内容不同/, /seen here with other content/);
    const file = p.build("acme-x", "1.0.0", undefined, "", ["--seq", "100020001"]);
    install(dir, p.sign(file)); // older in name, newer in order: the publisher says so himself
    equal("1.0.0", lock(dir)["acme-x"].version);
  },

  "a key signs in its namespace only, and the longest namespace decides": () => {
    const acme = new Publisher(), beta = new Publisher("beta"), dir = dealer(acme);
    ok(["pack", "trust", beta.pub, "--namespace", "acme-beta", "--site", dir]);
    says(["pack", "install", beta.publish("acme-x", "1.0.0"), "--site", dir, "--yes"], 1, new RegExp(`acme-x 属于命名空间 acme，密钥 ${beta.id} 不能`), /acme-x belongs to the namespace acme/);
    says(["pack", "install", acme.publish("acme-beta-x", "1.0.0"), "--site", dir, "--yes"], 1, /命名空间 acme-beta/, /namespace acme-beta/);
    says(["pack", "install", acme.publish("acmex", "1.0.0"), "--site", dir, "--yes"], 1, /不在任何受信任的命名空间/, /in no trusted namespace/);
    install(dir, beta.publish("acme-beta-x", "1.0.0", { "lib/a.lua": "return 1\n" }));
    install(dir, acme.publish("acme-x", "1.0.0"));
    equal("1.0.0", inForce(dir));
    ok(["pack", "untrust", acme.id, "--site", dir]);
    says(["pack", "install", acme.publish("acme-x", "1.1.0"), "--site", dir, "--yes"], 1, /不信任它/, /does not trust/);
    says(["pack", "verify", "--site", dir], 1, /packs\/acme-x: .*不信任/, /packs\/acme-x: .*does not trust/);
    says(["check", "--site", dir], 1, /packs\/acme-x: .*不信任/, /packs\/acme-x: .*does not trust/);
    equal("1.0.0", inForce(dir) ?? "gone", "what is in force stays:");
  },

  "a signature that has ended, and one that is for another version": () => {
    const p = new Publisher(), dir = dealer(p);
    says(["pack", "install", p.sign(p.build("acme-x", "1.0.0"), "--expires", "2026-11-20"), "--site", dir, "--yes"], 1, /签名在 2026-11-20 已到期/, /signature ended on 2026-11-20/);
    install(dir, p.sign(p.build("acme-x", "1.0.0"), "--expires", "2026-11-21"));
  },

  "an update that asks for more waits, and the old one runs": async () => {
    const p = new Publisher(), dir = dealer(p), host = await serve(dir);
    install(dir, p.publish("acme-x", "1.0.0"));
    await shows(host, "1.0.0");
    const more = p.publish("acme-x", "1.1.0", undefined, ', uses = { "host.mail", "host.db" }');
    says(["pack", "install", more, "--site", dir, "--yes"], 0, /新： 以本店的名义发邮件[^]*已放在一边/, /new: sends mails in the store's name[^]*waits/);
    await pause(300);
    await shows(host, "1.0.0");
    const it = await signIn(host.port, "it");
    match(/更新 1\.1\.0 要求更多权限[^]*以本店的名义发邮件/, (await it.get("/nanjing/plugins")).text, "the console:");
    says(["doctor", "--site", dir], 0, /更新 1\.1\.0 要求更多权限/, /the update 1\.1\.0 asks for more/, { own: "演示" });
    says(["pack", "list", "--site", dir], 0, /acme-x +1\.0\.0[^]*acme-x +1\.1\.0 +等待确认/, /waits for a person/);
    says(["pack", "accept", "--site", dir], 1, /同意请加 --yes/, /add --yes/);
    ok(["pack", "accept", "--site", dir, "--yes"]);
    await shows(host, "1.1.0");
    install(dir, p.publish("acme-x", "1.2.0", undefined, ', uses = { "host.db" }')); // less: nobody is asked
    await shows(host, "1.2.0");
    ok(["pack", "install", p.publish("acme-x", "1.3.0", undefined, ', uses = { "host.db", "host.vault" }'), "--site", dir, "--yes"]);
    ok(["pack", "accept", "--site", dir, "--refuse"]);
    equal("1.2.0", lock(dir)["acme-x"].version);
    install(dir, join(p.dir, "acme-x-1.2.0.pack")); // what waited and was refused does not stand in the way of a repair
    assert(!lock(dir)["acme-x"].staged && unpacked(dir).every((n) => !n.includes("1.3.0")), "a refused update is gone");
    await host.stop();
  },

  "what waited is tried again before it is put in force": () => {
    const p = new Publisher(), dir = dealer(p);
    install(dir, p.publish("acme-x", "1.0.0"), p.publish("acme-lib", "1.0.0", { "exports.lua": "return {}\n" }));
    install(dir, p.publish("acme-x", "1.1.0", undefined, ', uses = { "host.mail" }, needs = { ["acme-lib"] = "^1" }'));
    equal("1.1.0", lock(dir)["acme-x"].staged.version);
    ok(["pack", "remove", "acme-lib", "--site", dir]); // what runs does not need it
    says(["pack", "accept", "--yes", "--site", dir], 1, /acme-x.*需要插件 'acme-lib'/, /acme-x.*needs the plugin 'acme-lib'/);
    equal("1.0.0 1.1.0", `${lock(dir)["acme-x"].version} ${lock(dir)["acme-x"].staged.version}`, "it waits on:");
    install(dir, p.publish("acme-lib", "1.0.1", { "exports.lua": "return {}\n" }));
    ok(["pack", "accept", "--yes", "--site", dir]);
    equal("1.1.0", inForce(dir));
  },

  "a site that does not watch its folders says when it is in force, and has it then": async () => {
    const p = new Publisher(), dir = dealer(p), file = join(dir, "site.lua");
    write(file, read(file).replace("return {", "return {\n  watch = false,"));
    const host = await serve(dir);
    match(/运行 forecourt plugin reload 后生效/, install(dir, p.publish("acme-x", "1.0.0")).out);
    await pause(400);
    await shows(host, "");
    ok(["plugin", "reload", "--site", dir]);
    await shows(host, "1.0.0");
    await host.stop();
  },

  "a new pack is not installed before somebody agreed": () => {
    const p = new Publisher(), dir = dealer(p), pack = p.publish("acme-x", "1.0.0", undefined, ', uses = { "host.vault" }, needs = { survey = ">=1.0" }');
    says(["pack", "install", pack, "--site", dir], 1, /--yes[^]*解开加密的个人数据/, /--yes[^]*works with "Questionnaires \(survey\)"[^]*opens sealed personal data/);
    equal("{}", JSON.stringify(lock(dir)));
    const told = JSON.parse(ok(["pack", "install", pack, "--site", dir, "--yes", "--json"]).out);
    equal("installed", told.state);
    equal('["needs:survey","uses:host.vault"]', JSON.stringify(told.packs[0].asks));
  },

  "which servers a pack may talk to is agreed to, and each new one": async () => {
    const p = new Publisher(), dir = dealer(p), asks = (hosts, more = "") => `, uses = { "host.http" }, hosts = { ${hosts} }${more}`;
    const one = p.publish("acme-x", "1.0.0", undefined, asks('"sms.example.cn"', ', secrets = { token = "sms.example.cn" }'));
    says(["pack", "install", one, "--site", dir], 1, /与服务器 sms\.example\.cn 通信[^]*使用本站的密钥 token \(sms\.example\.cn\)/, /talks to the server sms\.example\.cn[^]*uses the site's secret token \(sms\.example\.cn\)/);
    install(dir, one);
    const wider = p.publish("acme-x", "1.1.0", undefined, asks('"sms.example.cn", "*.example.com"', ', secrets = { token = "sms.example.cn" }'));
    says(["pack", "install", wider, "--site", dir, "--yes"], 0, /新： 与服务器 \*\.example\.com 通信[^]*已放在一边/, /new: talks to the server \*\.example\.com[^]*waits/);
    equal("1.0.0", lock(dir)["acme-x"].version);
    ok(["pack", "accept", "--site", dir, "--refuse"]);
    const elsewhere = p.publish("acme-x", "1.2.0", undefined, asks('"sms.example.cn", "a.example.cn"', ', secrets = { token = "a.example.cn" }'));
    says(["pack", "install", elsewhere, "--site", dir, "--yes"], 0, /新： 使用本站的密钥 token \(a\.example\.cn\)/, /new: uses the site's secret token \(a\.example\.cn\)/);
    equal("1.0.0", lock(dir)["acme-x"].version);
    ok(["pack", "accept", "--site", dir, "--yes"]);
    install(dir, p.publish("acme-x", "1.3.0", undefined, asks('"a.example.cn"'))); // less
  },

  "on a terminal a person is asked, and no is no": () => {
    if (spawnSync("script", ["--version"]).error) return { skip: "there is no script(1)" };
    const p = new Publisher(), dir = dealer(p), one = p.publish("acme-x", "1.0.0"), two = p.publish("acme-x", "1.1.0", undefined, ', uses = { "host.mail" }');
    // script(1) gives a terminal; what it reads is typed there
    const typed = (word, pack) => spawnSync("script", ["-qec", `"${binary()}" pack install "${pack}" --site "${dir}"`, "/dev/null"], { encoding: "utf8", input: word + "\n", env: { ...process.env, FORECOURT_LANG: "en" }, timeout: 30000 });
    let got = typed("n", one);
    match(/Install\? \[y\/N\][^]*nothing was changed/, got.stdout);
    equal(1, got.status);
    equal("{}", JSON.stringify(lock(dir)));
    got = typed("y", one);
    match(/installed acme-x 1\.0\.0/, got.stdout);
    got = typed("n", two);
    match(/new: sends mails/, got.stdout);
    equal("1.0.0", lock(dir)["acme-x"].version);
    got = typed("y", two);
    equal("1.1.0", lock(dir)["acme-x"].version, got.stdout);
  },

  "what would not load here is refused with its line, and nothing is installed": () => {
    const p = new Publisher(), dir = dealer(p);
    install(dir, p.publish("acme-x", "1.0.0"));
    says(["pack", "install", p.publish("acme-x", "1.1.0", { "pages/p.lua": "return page(\n" }), "--site", dir, "--yes"], 1, /packs\/acme-x\/pages\/p\.lua:\d+/, /packs\/acme-x\/pages\/p\.lua:\d+/);
    says(["pack", "install", p.publish("acme-x", "1.1.1", undefined, ', uses = { "host.nothing" }'), "--site", dir, "--yes"], 1, /host\.nothing|nothing/, /nothing/);
    says(["pack", "install", p.publish("acme-x", "1.1.2", undefined, ', requires_host = ">=99"'), "--site", dir, "--yes"], 1, /需要 forecourt >=99/, /needs forecourt >=99/);
    says(["pack", "install", p.publish("acme-x", "1.1.3", undefined, `, tables = { ${Array.from({ length: 201 }, (_, i) => `"t${i}x_"`).join(", ")} }`), "--site", dir, "--yes"], 1, /要求 201 项权限/, /asks for 201 things/);
    equal("1.0.0", lock(dir)["acme-x"].version);
    // a plugin of the site that works is not driven out, and what its host could not read is not taken
    write(join(dir, "plugins/own/plugin.lua"), 'return { id = "own", version = "1.0.0", tables = { "thing_" } }\n');
    says(["pack", "install", p.publish("acme-a", "1.0.0", { "lib/a.lua": "return 1\n" }, ', tables = { "thing_" }'), "--site", dir, "--yes"], 1, /thing_/, /thing_/);
    says(["pack", "install", p.publish("acme-a", "1.0.0", { "lib/a.lua": "return 1\n" }, ', needs = { survey = "^77" }'), "--site", dir, "--yes"], 1, /survey 1\.0\.0 不合适：acme-a 需要 \^77/, /survey 1\.0\.0 does not fit: acme-a needs \^77/);
    says(["pack", "install", p.dir, "--site", dir, "--yes"], 1, /文件夹里没有索引/, /the folder has no index/);
    equal("acme-x@1.0.0", unpacked(dir).map((n) => n.replace(/-\w+$/, "")).join());
    says(["pack", "install", p.sign(p.build("survey", "9.0.0")), "--site", dir, "--yes"], 1, /survey/, /survey/);
    const bad = join(scratch("source"), "acme-x");
    write(join(bad, "plugin.lua"), manifest("acme-x", "1.0.0"));
    spawnSync("ln", ["-s", "/etc/passwd", join(bad, "a.lua")]);
    says(["pack", "build", bad], 1, /a\.lua 不是普通文件/, /a\.lua is no plain file/);
    spawnSync("sh", ["-c", `rm ${bad}/a.lua; echo 'return 1' >'${bad}/a b.lua'`]);
    says(["pack", "build", bad], 1, /'a b\.lua' 只能由/, /'a b\.lua' may hold only/);
  },

  "what an author writes moves no cursor and hides no line": () => {
    const p = new Publisher(), dir = dealer(p), folder = join(scratch("source"), "acme-lib");
    write(join(folder, "plugin.lua"), 'return { id = "acme-lib", version = "1.0.0", title = { zh = "\\27[1A\\27[2K乙\\n  - 不要求任何权限", en = "\\27[1A\\27[2KB\\n  - asks for nothing" } }\n');
    const lib = p.sign(join(p.dir, ok(["pack", "build", folder], { cwd: p.dir }).out.trim()));
    const got = install(dir, lib, p.publish("acme-x", "1.0.0", undefined, ', uses = { "host.mail" }, needs = { ["acme-lib"] = "1" }'));
    assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(got.out), JSON.stringify(got.out));
    match(/acme-lib\)[^\n]*\n[^\n]*发邮件/, got.out, "each stands in a line of its own:");
    const bad = run(["pack", "install", p.publish("acme-x", "1.1.0", { "pages/p.lua": 'error("\\27[2J\\27[Hinstalled acme-x 1.1.0")\n' }), "--site", dir, "--yes"]);
    equal(1, bad.code);
    assert(!/[\x00-\x08\x0b-\x1f\x7f]/.test(bad.err), JSON.stringify(bad.err));
  },

  "a changed file of an installed pack is named, and what is in force stays": async () => {
    const p = new Publisher(), dir = dealer(p), pack = p.publish("acme-x", "1.0.0", { "pages/p.lua": page("1.0.0"), "assets/a.txt": "hello" }), host = await serve(dir);
    install(dir, pack);
    await shows(host, "1.0.0");
    const folder = join(dir, "packs", lock(dir)["acme-x"].folder);
    write(join(folder, "pages/p.lua"), page("hacked"));
    await host.logs(/packs\/acme-x.*pages\/p\.lua/, 5000);
    await shows(host, "1.0.0");
    says(["pack", "verify", "--site", dir], 1, /packs\/acme-x: pages\/p\.lua 在安装之后被改过/, /pages\/p\.lua was changed after it was installed/);
    write(join(folder, "assets/a.txt"), "hacked");
    const asset = async () => (await ask(host.port, "GET", "/assets/acme-x/a.txt")).text;
    equal("hacked", await asset(), "an asset comes from the folder:");
    install(dir, pack); // repairs
    await eventually(async () => (await asset()) === "hello", "the asset of the repaired pack");
    ok(["pack", "verify", "--site", dir]);
    write(join(dir, "packs", lock(dir)["acme-x"].folder, "assets/a.txt"), "HELLO");
    says(["pack", "verify", "--site", dir], 1, /assets\/a\.txt/, /assets\/a\.txt/);
    // by the lock alone: what is damaged comes again from where it came, and only that
    ok(["pack", "install", "--site", dir]);
    ok(["pack", "verify", "--site", dir]);
    rmSync(join(dir, "packs", lock(dir)["acme-x"].folder), { recursive: true });
    ok(["pack", "install", "--site", dir]);
    ok(["pack", "verify", "--site", dir]);
    equal("unchanged", JSON.parse(ok(["pack", "install", "--site", dir, "--json"]).out).state);
    rmSync(join(dir, "packs", lock(dir)["acme-x"].folder), { recursive: true });
    const kept = read(pack);
    write(pack, read(p.publish("acme-x", "1.0.1")));
    says(["pack", "install", "--site", dir], 1, /不是 packs\.lock 所记的 acme-x/, /not the acme-x that packs\.lock names/);
    write(pack, kept);
    ok(["pack", "install", "--site", dir]);
    write(join(dir, "packs.lock"), "{ broken");
    write(join(dir, "packs/changed"), "look\n");
    await host.logs(/packs\.lock/, 5000);
    await shows(host, "1.0.0");
    says(["pack", "list", "--site", dir], 1, /packs\.lock/, /packs\.lock/);
    await host.stop();
  },

  "needs are answered from an index in a folder, on a web server and from a mirror": async () => {
    const p = new Publisher(), dir = dealer(p), lib = (v) => p.publish("acme-lib", v, { "exports.lua": "return {}\n" });
    lib("1.0.0"), lib("1.5.0"), lib("2.0.0");
    p.publish("acme-x", "1.0.0", undefined, ', needs = { ["acme-lib"] = "^1.0" }');
    p.index();
    const got = JSON.parse(ok(["pack", "install", "acme-x", "--from", p.dir, "--site", dir, "--yes", "--json"]).out);
    equal("acme-lib 1.5.0,acme-x 1.0.0", got.packs.map((o) => `${o.id} ${o.version}`).sort().join());
    equal("unchanged", JSON.parse(ok(["pack", "install", "acme-x", "--from", p.dir, "--site", dir, "--yes", "--json"]).out).state);
    says(["pack", "install", "acme-lib@^2", "--from", p.dir, "--site", dir, "--yes"], 1, /acme-x 需要 \^1\.0/, /acme-x needs \^1\.0/);
    says(["pack", "remove", "acme-lib", "--site", dir], 1, /acme-x 还需要 acme-lib/, /acme-x still need acme-lib/);
    says(["pack", "install", "acme-nothing", "--from", p.dir, "--site", dir, "--yes"], 1, /找不到 acme-nothing/, /acme-nothing is nowhere/);
    says(["pack", "install", "acme-x", "--site", dir], 0, /没有要做的/, /nothing to do/);

    let gets = 0;
    const server = createServer((req, res) => {
      gets++;
      if (req.url === "/endless.pack") {
        const more = () => { while (res.write(Buffer.alloc(1 << 20, "INDEX\0"))); };
        res.on("drain", more).on("error", () => {});
        return more();
      }
      if (req.url === "/away.pack") return res.writeHead(302, { Location: "file:///etc/passwd" }).end();
      const file = join(p.dir, req.url.slice(6));
      if (!req.url.startsWith("/base/") || !existsSync(file)) return res.writeHead(404).end();
      res.writeHead(200).end(Buffer.from(read(file), "utf8"));
    }).listen(0, "127.0.0.1");
    await new Promise((done) => server.on("listening", done));
    const url = `http://127.0.0.1:${server.address().port}/base`, usb = join(scratch("usb"), "packs"), second = dealer(p);
    // the server is ours: its loop must turn while the verb runs
    const web = (args) => measured(args);
    let done = await web(["pack", "install", "acme-x", "--from", url + "/", "--site", second, "--yes"]);
    equal(0, done.code, done.err);
    assert(gets >= 4 && lock(second)["acme-lib"].source === url + "/acme-lib-1.5.0.pack", `${gets} requests, ${JSON.stringify(lock(second)["acme-lib"])}`);
    done = await web(["pack", "install", url + "/acme-lib-1.5.0.pack", "--site", dealer(p), "--yes"]);
    equal(0, done.code, done.err);
    done = await web(["pack", "install", url + "/nothing.pack", "--site", second, "--yes"]);
    match(/404/, done.err);
    done = await web(["pack", "install", url.replace("/base", "/endless.pack"), "--site", second, "--yes"]);
    match(/超过 \d+ 字节的上限/, done.err);
    assert(done.peakMiB < 400, `${done.peakMiB} MiB for a file without an end`);
    done = await web(["pack", "install", url.replace("/base", "/away.pack"), "--site", second, "--yes"]);
    match(/away\.pack: 无法取得/, done.err);
    done = await web(["pack", "mirror", url, usb, "--site", dir]);
    equal(0, done.code, done.err);
    match(/4/, done.out);
    done = await web(["pack", "mirror", url, usb, "--pub", p.pub]);
    match(/新复制 0 个包，已有 4 个/, done.out);
    await new Promise((end) => server.close(end));
    install(dealer(p), "acme-x", "--from", usb);
    install(dealer(p), usb);
    equal(4, ok(["pack", "list", "--from", usb, "--pub", p.pub, "--json"]).out.trim().split("\n").length);

    // an old copy, an ended one, a forged one, an exchanged file
    const third = dealer(p);
    p.index(); // number 2
    install(third, "acme-lib@1.0.0", "--from", p.dir);
    says(["pack", "install", "acme-lib", "--from", usb, "--site", third, "--yes"], 1, /编号 1 低于这里见过的 2/, /number 1, and 2 was seen/);
    says(["pack", "mirror", usb, p.dir, "--pub", p.pub], 1, /来源是旧的/, /the source is old/);
    const later = { FORECOURT_NOW: "2028-01-01T09:00:00" };
    says(["pack", "install", "acme-lib", "--from", p.dir, "--site", third, "--yes"], 1, /索引在 2027-11-21 已到期/, /index ended on 2027-11-21/, { env: later });
    equal(0, run(["check", "--site", third], { env: later }).code, "what is installed runs on:");
    write(join(usb, "index.json"), read(join(usb, "index.json")).replace("acme-lib-2.0.0.pack", "acme-lib-1.0.0.pack"));
    says(["pack", "list", "--from", usb, "--pub", p.pub], 1, /签名与密钥/, /signature does not fit/);
    write(join(p.dir, "acme-lib-2.0.0.pack"), read(join(p.dir, "acme-lib-1.5.0.pack")));
    says(["pack", "install", "acme-lib@^2", "--from", p.dir, "--site", third, "--yes"], 1, /不是索引所说的那个包/, /not the pack that the index names/);
  },

  "code that nobody vouches for needs --dev on this Lua": () => {
    const p = new Publisher(), dir = site(), pack = p.build("acme-x", "1.0.0");
    if (/5\.4\.([89]|\d\d)/.test(run(["doctor", "--site", dir]).out)) return { skip: "this Lua is fit for strangers' code" };
    says(["pack", "install", pack, "--site", dir, "--yes"], 1, /5\.4\.8 以前的 Lua[^]*--dev/, /before 5\.4\.8[^]*--dev/);
    says(["pack", "install", pack, "--site", dir, "--yes", "--dev"], 0, /无人为它担保/, /nobody vouches/);
    equal("1.0.0", inForce(dir));
    const text = read(join(dir, "packs.lock"));
    write(join(dir, "packs.lock"), text.replace(/"dev": true,?\s*/g, ""));
    says(["check", "--site", dir], 1, /packs\/acme-x: .*5\.4\.8/, /packs\/acme-x: .*5\.4\.8/);
  },

  "root installs into a site that is somebody else's, with a narrow umask; he goes on with it": () => {
    if (!isRoot()) return { skip: "needs root to become somebody else" };
    const p = new Publisher(), dir = site(), one = p.publish("acme-x", "1.0.0", { "pages/p.lua": page("1.0.0"), "assets/deep/a.txt": "hello" }), two = p.publish("acme-x", "1.1.0");
    spawnSync("chown", ["-R", "65534:65534", dir]);
    spawnSync("chmod", ["a+rx", p.dir, dir]);
    const root = (words) => {
      const got = spawnSync("sh", ["-c", `umask 077; exec "${binary()}" pack ${words} --site "${dir}"`], { encoding: "utf8" });
      equal(0, got.status, got.stderr);
    };
    root(`trust "${p.pub}" --namespace acme`);
    root(`install "${one}" --yes`);
    const his = (...words) => {
      const got = spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/", binary(), ...words, "--site", dir], { encoding: "utf8" });
      equal(0, got.status, words.join(" ") + got.stderr);
      return got.stdout;
    };
    const foreign = () => spawnSync("find", [dir, "!", "-user", "65534"], { encoding: "utf8" }).stdout;
    equal("", foreign(), "nothing of it is root's:");
    his("pack", "verify");
    his("eval", "return 1");
    equal("1.0.0", sql(dir, "SELECT version FROM host_live_set WHERE plugin = 'acme-x'")[0]?.version);
    his("pack", "install", two, "--yes");
    for (const name of ["packs.lock", "packs.seen", "packs/.lock"]) spawnSync("sh", ["-c", `chown root:root '${join(dir, name)}'; chmod 600 '${join(dir, name)}'`]); // as a root did who stayed root
    root(`install "${p.publish("acme-x", "1.2.0")}" --yes`);
    equal("", foreign(), "given back:");
    his("pack", "remove", "acme-x");
    equal("", unpacked(dir).join());
  },

  "two at once: one waits for nothing and says so": () => {
    const p = new Publisher(), dir = dealer(p), pack = p.publish("acme-x", "1.0.0");
    ok(["pack", "list", "--site", dir]);
    if (spawnSync("flock", ["--version"]).error) return { skip: "there is no flock" };
    write(join(dir, "packs/.lock"), "");
    const got = spawnSync("flock", [join(dir, "packs/.lock"), binary(), "pack", "install", pack, "--site", dir, "--yes"], { encoding: "utf8", env: { ...process.env, FORECOURT_LANG: "en" } });
    equal(1, got.status);
    match(/another forecourt pack/, got.stderr);
    install(dir, pack);
  },

  "kill -9 at each step of an installation: the old set or the new one": () => {
    if (missing()) return { skip: missing() };
    const p = new Publisher(), base = dealer(p);
    const files = (v) => ({ "pages/p.lua": page(v), "lib/a.lua": "return 1\n", "assets/b.txt": v });
    const needs = (range, more = "") => `, needs = { ["acme-lib"] = "${range}" }${more}`, lib = { "exports.lua": "return {}\n" };
    install(base, p.publish("acme-x", "1.0.0", files("1.0.0"), needs("^1")), p.publish("acme-lib", "1.0.0", lib));
    p.publish("acme-lib", "1.1.0", lib);
    p.publish("acme-x", "1.1.0", files("1.1.0"), needs("^1.1"));
    p.publish("acme-x", "1.2.0", files("1.2.0"), needs("^1.1", ', uses = { "host.mail" }'));
    p.index();
    const staged = join(scratch("copy"), "site");
    spawnSync("cp", ["-a", base, staged]);
    ok(["pack", "install", "acme-x@1.2.0", "--from", p.dir, "--site", staged, "--yes"]);
    let deaths = 0;
    for (const [from, words, before, after] of [
      [base, ["install", "acme-x@1.1.0", "--from", p.dir, "--yes"], "1.0.0 1.0.0", "1.1.0 1.1.0"],
      [base, ["install", "acme-x@1.2.0", "--from", p.dir, "--yes"], "1.0.0 1.0.0", "1.0.0 1.0.0"],
      [staged, ["accept", "--yes"], "1.0.0 1.0.0", "1.2.0 1.1.0"],
      [base, ["remove", "acme-x"], "1.0.0 1.0.0", "1.0.0"],
    ]) {
      const state = (dir) => ["acme-x", "acme-lib"].map((id) => lock(dir)[id]?.version).filter(Boolean).join(" ");
      const shim = new Shim("*/packs*");
      const life = (orders) => {
        const dir = join(scratch("copy"), "site");
        spawnSync("cp", ["-a", from, dir]);
        shim.order(orders);
        const got = run(["pack", ...words, "--site", dir], { env: shim.env });
        return { dir, got, calls: shim.count };
      };
      const calm = life({});
      equal(0, calm.got.code, calm.got.err);
      equal(after, state(calm.dir), words.join(" "));
      assert(calm.calls > 0, "nothing was counted");
      for (const [what, error, times = 1] of [["kill", ""], ["torn", ""], ["fail", "ENOSPC"], ["fail", "ENOSPC", 1e6]]) { // the last: the disk stays full
        for (const at of some(calm.calls, long ? Infinity : what === "kill" ? 14 : 4)) {
          const { dir, got } = life({ at, what, error, times }), where = `${words.join(" ")}: ${what} at ${at} of ${calm.calls}:`;
          if (what === "fail") equal(null, got.signal, where);
          else equal("SIGKILL", got.signal, where);
          deaths += what !== "fail";
          const now = state(dir);
          assert(now === before || now === after, `${where} ${now}`);
          const good = run(["pack", "verify", "--site", dir]);
          equal(0, good.code, `${where} ${good.err}`);
          equal(lock(dir)["acme-x"]?.version, inForce(dir), where);
          const again = run(["pack", ...words, "--site", dir]);
          if (now === before || words[0] === "install") equal(0, again.code, `${where} again: ${again.err}`);
          equal(after, state(dir), where + " again:");
          equal("", readdirSync(join(dir, "packs")).filter((n) => n.startsWith(".new")).join(), where);
        }
      }
      shim.close();
    }
    return `${deaths} deaths`;
  },
};
