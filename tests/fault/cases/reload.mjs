// Plugins change while people work: what is saved is soon in force, what is broken never is, and nobody's request is lost.
import http from "node:http";
import { renameSync } from "node:fs";
import { join, write, read, rmSync, equal, assert, match, pause, eventually } from "../lib.mjs";

const json = { headers: { Accept: "application/json" } };
const page = (id, value, more = "") => `local page = require "host.page"\n${more}return page "GET !/v/${id}" { who = "anyone", function() return { v = ${JSON.stringify(value)} } end }\n`;
const manifest = (id, more = "") => `return { id = "${id}", version = "1.0.0"${more} }\n`;

async function value(host, id) {
  const got = await askFor(host, "/v/" + id);
  return got.status === 200 ? JSON.parse(got.text).v : got.status;
}
const askFor = (host, path, more = {}) => host.lib.ask(host.port, "GET", path, { ...json, ...more });
const shows = (host, id, wanted, ms) => eventually(async () => (await value(host, id)) === wanted, `${id} shows ${wanted}: ${host.log.slice(-800)}`, ms);

async function started(lib, plugins, o) {
  const dir = lib.site();
  for (const [id, files] of Object.entries(plugins)) lib.plugin(dir, id, files, files["plugin.lua"] || manifest(id));
  const host = await lib.serve(dir, o);
  host.lib = lib;
  return host;
}
const file = (host, id, path) => join(host.dir, "plugins", id, path);

// An engine with a point of its own, and a user of it.
const ENGINE = `local define = require "host.define"
local M = {}
function M.word(id) return function(spec) return define.new("words", id, { said = spec.said, n = 1 }, 1) end end
return M
`;
const engine = { "plugin.lua": 'return { id = "engine", version = "1.0.0", opens = { words = "words" } }\n', "define.lua": ENGINE,
  "pages/p.lua": `local page, point = require "host.page", require "host.point"\nreturn page "GET !/v/words" { who = "anyone", function() local out = {} for _, d in ipairs(point "words") do out[#out + 1] = d.data.said .. d.data.n end return { v = table.concat(out, ",") } end }\n` };
const user = (said) => ({ "plugin.lua": 'return { id = "user", version = "1.0.0", needs = { engine = "1" } }\n', "words/w.lua": `local e = require "engine.define"\nreturn e.word "w" { said = "${said}" }\n` });

// Each way of breaking a plugin: nothing changes, the log and check and the plugins page say where; also after a restart.
async function keepsOld(lib, breakIt, place, plugins = { a: { "pages/p.lua": page("a", "old") } }, id = "a", old = "old") {
  const host = await started(lib, plugins);
  await shows(host, id, old);
  breakIt(host.dir);
  await host.logs(place, 20000);
  equal(old, await value(host, id), "the old one is in force:");
  match(place, lib.run(["check", "--site", host.dir]).out, "check");
  const it = await lib.signIn(host.port, "it");
  match(place, (await it.get("/nanjing/plugins")).text.replace(/<[^>]*>/g, " ").replace(/&#39;|&quot;/g, "'"), "the plugins page");
  await host.stop();
  const again = await lib.serve(host.dir);
  again.lib = lib;
  equal(old, await value(again, id), "after a restart:");
  await again.logs(place, 20000);
  await again.stop("SIGKILL");
  const third = await lib.serve(host.dir);
  third.lib = lib;
  equal(old, await value(third, id), "after kill -9:");
  return third;
}

export default {
  "a problem is said once: in check, in the log, on the page": async (lib) => {
    const dir = lib.site(), host = await lib.serve(dir);
    // One new question that no section has, read by each condition of the file.
    const text = lib.read(lib.join(lib.source, "examples/packs/changan/questionnaires/service-phone.lua")).replace('"service-phone"', '"mine"')
      .replace("return p\nend", 'return p | wash:le(limit)\nend').replace("local rated =", 'local wash = q.rate "wash" { zh = "洗车", en = "Washing" }\nlocal rated =');
    lib.plugin(dir, "mine", { "questionnaires/mine.lua": text }, 'return { id = "mine", version = "1.0.0", needs = { survey = ">=1.0" } }\n');
    const sentence = /问题“wash”不在问卷里/g, times = (t) => (t.match(sentence) || []).length;
    await host.logs(/问题“wash”不在问卷里/);
    lib.equal(1, times(lib.run(["check", "--site", dir]).out), "check:");
    lib.equal(1, times((await (await lib.signIn(host.port, "it")).get("/nanjing/plugins")).text), "the page:");
    lib.plugin(dir, "other", { "pages/p.lua": "return (\n" });
    await host.logs(/plugins\/other\/pages\/p\.lua/);
    lib.equal(1, times(host.log), "the log, also after another problem came:");
  },
  "a saved change is in force within a moment": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "one") } });
    await shows(host, "a", "one");
    const times = [];
    for (const v of ["two", "three", "four", "five", "six"]) {
      const began = Date.now();
      write(file(host, "a", "pages/p.lua"), page("a", v));
      await shows(host, "a", v);
      times.push(Date.now() - began);
    }
    return `seen after ${times.sort((x, y) => x - y)[2]} ms (median)`;
  },
  "a syntax error never replaces a working file": async (lib) => {
    const host = await keepsOld(lib, (dir) => write(join(dir, "plugins/a/pages/p.lua"), "return (\n"), /plugins\/a\/pages\/p\.lua:\d/);
    write(file(host, "a", "pages/p.lua"), page("a", "mended"));
    await shows(host, "a", "mended");
    const it = await lib.signIn(host.port, "it");
    assert(!(await it.get("/nanjing/plugins")).text.includes("p.lua:"), "the problem is gone from the plugins page");
  },
  "a broken manifest never replaces a working one": async (lib) => {
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/plugin.lua"), "return {\n"), /plugins\/a\/plugin\.lua/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/plugin.lua"), ""), /plugins\/a\/plugin\.lua/);
    await keepsOld(lib, (dir) => rmSync(join(dir, "plugins/a/plugin.lua")), /plugins\/a\/plugin\.lua/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/plugin.lua"), "while true do end\n"), /plugins\/a\/plugin\.lua/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/plugin.lua"), manifest("a", ', needs = { nowhere = "1" }')), /plugins\/a\/plugin\.lua/);
  },
  "a loop at load, a memory bomb, bytes that are no text, a huge file": async (lib) => {
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/pages/p.lua"), "while true do end\n"), /plugins\/a\/pages\/p\.lua:1/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/pages/p.lua"), Buffer.from([0x2d, 0x2d, 0xff, 0xfe, 0x0a])), /plugins\/a\/pages\/p\.lua/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/pages/p.lua"), "--" + "x".repeat(300 << 10)), /plugins\/a\/pages\/p\.lua/);
    await keepsOld(lib, (dir) => write(join(dir, "plugins/a/pages/p.html"), "{{#x}}"), /plugins\/a\/pages\/p\.html:1/);
  },
  "an engine's define.lua that breaks its users": async (lib) => {
    const both = { engine, user: user("hello") };
    const bad = [ENGINE + "return (\n", ENGINE.replace("return define.new", "return nowhere.new"), ENGINE.replace("function M.word", "function M.sentence"), "while true do end\n", ENGINE.replace("return M", "return nil"),
      ENGINE.replace("return M", 'function M.check(list) for _, d in ipairs(list) do require("host.define").problem(d.at, "不行", "no good") end end\nreturn M')];
    for (const [i, text] of bad.entries()) try { await keepsOld(lib, (dir) => write(join(dir, "plugins/engine/define.lua"), text), /plugins\/(engine\/define|user\/words\/w)\.lua/, both, "words", "hello1"); } catch (e) { throw new Error(`variant ${i}: ${e.message}`); }
  },
  "an engine and its user change together": async (lib) => {
    const host = await started(lib, { engine, user: user("hello") });
    await shows(host, "words", "hello1");
    write(file(host, "engine", "define.lua"), ENGINE.replace("n = 1", "n = 2"));
    await shows(host, "words", "hello2");
    write(file(host, "user", "words/w.lua"), user("bye")["words/w.lua"].replace("e.word", "e.term"));
    await host.logs(/words\/w\.lua:2/);
    equal("hello2", await value(host, "words"), "the engine has no such constructor yet:");
    write(file(host, "engine", "define.lua"), ENGINE.replace("n = 1", "n = 3").replace("M.word", "M.term"));
    await shows(host, "words", "bye3");
  },
  "a broken engine does not take good changes of others with it": async (lib) => {
    const host = await started(lib, { engine, user: user("hello"), a: { "pages/p.lua": page("a", "old") } });
    write(file(host, "engine", "define.lua"), "return (\n");
    write(file(host, "a", "pages/p.lua"), page("a", "new"));
    await shows(host, "a", "new");
    equal("hello1", await value(host, "words"));
    write(file(host, "user", "words/w.lua"), user("changed")["words/w.lua"]);
    await shows(host, "words", "changed1");
  },
  "a new plugin that is broken, then mended; one with a route that is taken": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "old") } });
    lib.plugin(host.dir, "b", { "pages/p.lua": "return (\n" }, manifest("b"));
    await host.logs(/plugins\/b\/pages\/p\.lua/);
    equal("old", await value(host, "a"));
    write(file(host, "b", "pages/p.lua"), page("a", "thief"));
    await host.logs(/plugins\/b\/pages\/p\.lua:2.*(已由|already)/);
    equal("old", await value(host, "a"));
    write(file(host, "b", "pages/p.lua"), page("b", "own"));
    await shows(host, "b", "own");
    equal("old", await value(host, "a"));
  },
  "saved as editors save: by rename, with a backup, in pieces": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "one") } });
    const at = file(host, "a", "pages/p.lua");
    write(at + ".tmp123", page("a", "renamed"));
    renameSync(at + ".tmp123", at);
    await shows(host, "a", "renamed");
    renameSync(at, at + "~");
    write(at, page("a", "with backup"));
    await shows(host, "a", "with backup");
    write(at, "");
    await pause(5);
    write(at, page("a", "in pieces"));
    await shows(host, "a", "in pieces");
    write(file(host, "a", "pages/.p.lua.swp"), "garbage");
    write(file(host, "a", "pages/#p.lua#"), "garbage");
    await pause(200);
    equal("in pieces", await value(host, "a"));
    assert(!/swp|#p/.test(host.log), "droppings of editors are no problems: " + host.log.slice(-400));
  },
  "a folder that arrives in pieces": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "one") } });
    const own = 'local words = require "piece.lib.words"\n';
    for (const [path, text] of [["pages/p.lua", page("piece", "whole", own)], ["locale/zh.lua", 'return { x = "x" }\n'], ["plugin.lua", manifest("piece")], ["locale/en.lua", 'return { x = "x" }\n'], ["lib/words.lua", "return {}\n"]]) {
      write(file(host, "piece", path), text);
      await pause(60);
      equal("one", await value(host, "a"));
    }
    await shows(host, "piece", "whole");
    assert(lib.run(["check", "--site", host.dir]).out.trim() === "ok", "check is ok");
  },
  "a folder that is deleted, moved away and back": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "one") }, b: { "pages/p.lua": page("b", "two") } });
    await shows(host, "a", "one");
    rmSync(join(host.dir, "plugins/a"), { recursive: true });
    await shows(host, "a", 401);
    equal("two", await value(host, "b"));
    renameSync(join(host.dir, "plugins/b"), join(host.dir, "b-aside"));
    await shows(host, "b", 401);
    renameSync(join(host.dir, "b-aside"), join(host.dir, "plugins/b"));
    await shows(host, "b", "two");
    rmSync(join(host.dir, "plugins"), { recursive: true });
    await shows(host, "b", 401);
    lib.plugin(host.dir, "c", { "pages/p.lua": page("c", "three") }, manifest("c"));
    await shows(host, "c", "three");
    equal(200, (await askFor(host, "/sign-in")).status, "the shipped ones");
  },
  "a plugin folder that appears where there was none": async (lib) => {
    const dir = lib.site();
    rmSync(join(dir, "plugins"), { recursive: true });
    rmSync(join(dir, "scripts"), { recursive: true, force: true });
    const host = await lib.serve(dir);
    host.lib = lib;
    lib.plugin(dir, "late", { "pages/p.lua": page("late", "here") }, manifest("late"));
    await shows(host, "late", "here");
  },
  "twenty plugins change at once": async (lib) => {
    const ids = Array.from({ length: 20 }, (_, i) => "many-" + i);
    const host = await started(lib, Object.fromEntries(ids.map((id) => [id, { "pages/p.lua": page(id, "old") }])));
    for (const id of ids) write(file(host, id, "pages/p.lua"), id === "many-7" ? "return (\n" : page(id, "new"));
    for (const id of ids) await shows(host, id, id === "many-7" ? "old" : "new", 10000);
  },
  "no request is lost under load": async (lib) => {
    const host = await started(lib, { a: { "pages/p.lua": page("a", "0") } });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    let asked = 0, bad = [], last = 0, over = false;
    const worker = async () => {
      while (!over) {
        const got = await lib.ask(host.port, "GET", "/v/a", { ...json, agent }).catch((e) => ({ status: e.message, text: "" }));
        asked++;
        if (got.status !== 200) bad.push(`${got.status} ${got.text.slice(0, 100)}`);
      }
    };
    const all = Array.from({ length: 8 }, worker);
    for (last = 1; last <= 15; last++) {
      write(file(host, "a", "pages/p.lua"), last % 3 === 0 ? "return (\n" : page("a", String(last)));
      if (last % 3) await shows(host, "a", String(last), 10000);
      else await pause(120);
    }
    over = true;
    await Promise.all(all);
    agent.destroy();
    assert(bad.length === 0, `${bad.length} of ${asked} failed: ${bad.slice(0, 3).join("; ")}`);
    assert(asked > 300, "requests: " + asked);
    return `${asked} requests, 15 reloads`;
  },
  "memory is flat over two hundred reloads": async (lib) => {
    const host = await started(lib, { engine, user: user("hello"), a: { "pages/p.lua": page("a", "0") } });
    const round = async (from, to) => {
      for (let i = from; i < to; i++) {
        write(file(host, "a", "pages/p.lua"), page("a", String(i), "-- " + "x".repeat(2000 + (i % 7)) + "\n"));
        if (i % 10 === 0) write(file(host, "engine", "define.lua"), ENGINE.replace("n = 1", "n = " + i));
        await shows(host, "a", String(i), 10000);
      }
    };
    await round(1, 60);
    const before = host.rss();
    await round(60, 260);
    const grown = host.rss() - before;
    assert(grown < 6, `grew ${grown.toFixed(1)} MiB from ${before.toFixed(1)}`);
    return `${before.toFixed(1)} MiB, ${grown.toFixed(1)} more`;
  },
  "a call keeps the set it began with": async (lib) => {
    const slow = (v) => `local page = require "host.page"\nlocal session = require "host.session"\nreturn page "GET !/v/slow" { who = "anyone", function() session.sign_in("nobody-here", "x") return { v = "${v}" } end }\n`;
    const host = await started(lib, { slow: { "plugin.lua": manifest("slow", ', uses = { "host.session" }'), "pages/p.lua": slow("old") } });
    const waiting = Array.from({ length: 6 }, () => askFor(host, "/v/slow", { timeout: 60000 }));
    await pause(30);
    write(file(host, "slow", "pages/p.lua"), slow("new"));
    const got = await Promise.all(waiting);
    for (const g of got) equal(200, g.status, g.text);
    await eventually(async () => (await value(host, "slow")) === "new", "the new one");
    assert(host.alive(), "the host");
  },
  "a change of the questionnaire reaches the next opened call; a mistake does not": async (lib) => {
    const own = lib.ownHost();
    const at = join(own, "share/forecourt/packs/changan/questionnaires/service-phone.lua");
    const dir = lib.site();
    const text = read(at);
    const host = await lib.serve(dir, { host: own });
    const hash = () => JSON.parse(lib.run(["eval", "--site", dir, 'return require("host.definition")("questionnaires", "service-phone").hash'], { host: own }).out);
    const live = () => lib.sql(dir, "SELECT hash FROM host_live_set WHERE plugin = 'changan'")[0].hash;
    const first = live();
    write(at, text.replace("及时性", "及时程度"));
    assert(read(at) !== text, "the questionnaire was changed");
    await eventually(() => live() !== first, "the change is in force");
    const second = live();
    const changed = hash();
    write(at, text + "return (\n");
    await host.logs(/packs\/changan\/questionnaires\/service-phone\.lua:\d+/);
    equal(second, live(), "the live set:");
    equal(changed, hash(), "the definition:");
  },
};
