// Packs: from the publisher to the dealer.
import { createServer } from "node:http";
import { ask, assert, binary, equal, eventually, existsSync, isRoot, join, long, match, measured, pause, read, readdirSync, rmSync, run, says, scratch, serve, signIn, site, spawnSync, sql, write } from "../lib.mjs";
import { page, manifest, ok, Publisher, dealer, install, lock, unpacked, inForce, shows } from "../packs.mjs";
import { Shim, missing, some } from "../shim.mjs";

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
