// A publisher of packs, a dealer who trusts him, and what both of them do.
import { ask, equal, eventually, existsSync, join, read, readdirSync, run, scratch, site, sql, write } from "./lib.mjs";

export const page = (version) => `local page = require "host.page"
return page "GET !/acme" { who = "anyone", function() return { version = "${version}" } end }
`;
export const manifest = (id, version, more = "") => `return { id = "${id}", version = "${version}", title = { zh = "演示", en = "Demo" }${more} }\n`;

export const ok = (args, o) => {
  const got = run(args, o);
  equal(0, got.code, `${args.join(" ")}: ${got.err} ${got.out}`);
  return got;
};

// A folder with a key and what it publishes.
export class Publisher {
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

export function dealer(publisher, space = "acme") {
  const dir = site();
  ok(["pack", "trust", publisher.pub, "--namespace", space, "--site", dir]);
  return dir;
}

export const install = (dir, ...words) => ok(["pack", "install", ...words, "--site", dir, "--yes"]);
export const lock = (dir) => (existsSync(join(dir, "packs.lock")) ? JSON.parse(read(join(dir, "packs.lock"))).packs : {});
export const unpacked = (dir) => (existsSync(join(dir, "packs")) ? readdirSync(join(dir, "packs")).filter((n) => n.includes("@") || n.startsWith(".new")) : []);
// What a start of the site puts in force; undefined where it is not there.
export const inForce = (dir) => {
  ok(["eval", "--site", dir, "return 1"]);
  return sql(dir, "SELECT version FROM host_live_set WHERE plugin = 'acme-x'")[0]?.version;
};
export const shows = (host, what) => eventually(async () => {
  const got = await ask(host.port, "GET", "/acme", { headers: { Accept: "application/json" } });
  return what ? got.status === 200 && got.text.includes(what) : got.status !== 200;
}, `/acme shows ${what}`);
