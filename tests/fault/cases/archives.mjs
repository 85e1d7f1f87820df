// Archives of packs, and what is written in them: what everybody builds alike, and everything that must not come in.
import { gzipSync } from "node:zlib";
import { assert, equal, join, long, match, measured, read, run, says, scratch, site, spawnSync, write } from "../lib.mjs";
import { page, manifest, ok, Publisher, dealer, install, lock, unpacked, inForce } from "../packs.mjs";

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

};
