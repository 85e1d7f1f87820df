// Preemption: who computes for long lets the others in, and is ended by its budget all the same.
import http from "node:http";
import { ask, assert, equal, eventually, match, pageOf, pause, plugin, serve, site, sql } from "../lib.mjs";

// CPU, not time: the machine may have other work. 100 to 200 ms here.
const SPIN = "local function spin(n) local x = 0 for i = 1, n do x = x + i % 7 end return x end\n";
const WORK = 8000000;
const json = { headers: { Accept: "application/json" }, timeout: 60000 };

async function served(pages) {
  const dir = site();
  for (const [id, body] of Object.entries(pages)) plugin(dir, id, { "pages/p.lua": pageOf(`GET !/${id}`, body) }, `return { id = "${id}", version = "1.2.0", uses = { "host.db" } }\n`);
  return serve(dir);
}

// The order of the answers, whatever the machine does: each is asked for after the one before it was sent.
async function order(host, names) {
  const ended = [], asked = [];
  for (const name of names) {
    asked.push(ask(host.port, "GET", "/" + name, json).then((got) => ended.push([name, got])));
    await pause(10);
  }
  await Promise.all(asked);
  return ended;
}

export default {
  // A long one counts how many short ones came while it stood there. It computes until it saw both, or for as long as its budget
  // lets it: then they came too late, whatever the machine did, and it is asked again.
  "short requests answer while a long one computes": async () => {
    const dir = site(), half = WORK / 2;
    const long = {
      plain: `spin(${half})`,
      sorts: `local t = {} for i = 1, 40 do t[i] = -i end table.sort(t, function(a, b) spin(${half / 200}) return a < b end) ok = t[1] == -40`,
      replaces: `local s = ("x"):rep(40):gsub(".", function() spin(${half / 40}) return "y" end) ok = s == ("y"):rep(40)`,
      coroutines: `local n = 0 for v in coroutine.wrap(function() for i = 1, 40 do spin(${half / 40}) coroutine.yield(i) end end) do n = n + v end ok = n == 820`,
      catches: `local done, e = pcall(function() spin(${half}) error "mine" end) ok = not done and e:find "mine" ~= nil`,
      asks: `for i = 1, 40 do spin(${half / 40}) ok = ok and db.one("SELECT ? AS x", i).x == i end`,
    };
    const pages = Object.entries(long).map(([name, body]) => `  page "GET !/${name}" { who = "anyone", function() came = 0 local ok = true ${body} wait() return { ok = ok, came = came } end },\n`);
    plugin(dir, "all", {
      "pages/p.lua": `local page, db = require "host.page", require "host.db"\nlocal came = 0\n${SPIN}` +
        `local function wait() for _ = 1, 100 do if came < 2 then spin(${half / 100}) end end end\nreturn {\n${pages.join("")}` +
        '  page "GET !/short" { who = "anyone", function() came = came + 1 return { at = "short" } end },\n}\n',
    }, 'return { id = "all", version = "1.2.0", uses = { "host.db" } }\n');
    const host = await serve(dir);
    await ask(host.port, "GET", "/short", json);
    for (const name of Object.keys(long)) {
      let came = 0;
      for (let round = 0; round < 8 && came < 2; round++) {
        const ended = await order(host, [name, "short", "short"]);
        for (const [which, got] of ended) equal(200, got.status, `${which} ${got.text}`);
        const said = JSON.parse(ended.find(([which]) => which === name)[1].text);
        equal(true, said.ok, `${name} does what it does without slices:`);
        came = said.came;
      }
      equal(2, came, `short ones that were answered while ${name} computed:`);
    }
    await host.stop();
  },
  "a loop costs its own call and is named": async () => {
    const host = await served({ endless: "local function turn() while true do end end\nturn() return {}", short: 'return { at = "short" }' });
    await ask(host.port, "GET", "/short", json);
    const cpu = host.cpu(), ended = await order(host, ["endless", "short", "endless", "short"]);
    equal("short,short,endless,endless", ended.map(([name]) => name).join(), "the order of the answers:");
    for (const [name, got] of ended) equal(name === "short" ? 200 : 500, got.status, name);
    const used = host.cpu() - cpu;
    assert(used < 1000, `two budgets of 250 ms cost ${used} ms of CPU`);
    match(/插件 endless 1\.2\.0 的函数 turn 用完了 250 毫秒的时间预算/, host.log.replace(/\n/g, " "), "the log:");
    await host.stop();
  },
  "whose neighbour was ended meanwhile goes on with the neighbour made anew": async () => {
    const dir = site(), uses = ', needs = { e = "*" }';
    plugin(dir, "e", { "exports.lua": 'return { said = function() return "fine" end, eat = function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end }\n' }, 'return { id = "e", version = "1.0.0" }\n');
    plugin(dir, "u", { "pages/p.lua": 'local e = require "e"\n' + pageOf("GET !/u", SPIN + `e.said() spin(${WORK}) return { at = e.said() }`) }, `return { id = "u", version = "1.0.0"${uses} }\n`);
    plugin(dir, "w", { "pages/p.lua": 'local e = require "e"\n' + pageOf("GET !/w", "e.eat() return {}") }, `return { id = "w", version = "1.0.0"${uses} }\n`);
    const host = await serve(dir, { env: { FORECOURT_MEMORY: "e:2" } });
    equal('{"at":"fine"}', (await ask(host.port, "GET", "/u", json)).text);
    const ended = await order(host, ["u", "w"]);
    equal("w,u", ended.map(([name]) => name).join(), "the order of the answers:");
    equal(500, ended[0][1].status, "who ate the memory:");
    equal('{"at":"fine"}', ended[1][1].text, `who computed meanwhile: ${host.log.slice(-800)}`);
    await host.stop();
  },
  "the same while a reload came between": async () => {
    const dir = site(), uses = ', needs = { e = "*" }', z = (v) => plugin(dir, "z", { "pages/p.lua": pageOf("GET !/z", `return { at = "${v}" }`) }, 'return { id = "z", version = "1.0.0" }\n');
    plugin(dir, "e", { "exports.lua": 'return { said = function() return "fine" end, eat = function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end }\n' }, 'return { id = "e", version = "1.0.0" }\n');
    plugin(dir, "u", { "pages/p.lua": 'local e, db = require "e", require "host.db"\n' + pageOf("GET !/u", 'db.one("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 4000000) SELECT i AS m FROM r ORDER BY i % 7 LIMIT 1") return { at = e.said() }') }, `return { id = "u", version = "1.0.0", uses = { "host.db" }${uses} }\n`);
    plugin(dir, "w", { "pages/p.lua": 'local e = require "e"\n' + pageOf("GET !/w", "e.eat() return {}") }, `return { id = "w", version = "1.0.0"${uses} }\n`);
    z("old");
    const host = await serve(dir, { env: { FORECOURT_MEMORY: "e:2" } });
    let ended = false;
    const waits = ask(host.port, "GET", "/u", json).finally(() => (ended = true));
    await pause(50);
    z("new");
    await eventually(async () => (await ask(host.port, "GET", "/z", json)).text === '{"at":"new"}', "the reload", 5000);
    equal(500, (await ask(host.port, "GET", "/w", json)).status, "who ate the memory:");
    assert(!ended, `the query was too quick to show anything: ${ended && (await waits).text}`);
    equal('{"at":"fine"}', (await waits).text, `who waited meanwhile: ${host.log.slice(-800)}`);
    await host.stop();
  },
  "sixteen that compute share the loop": async () => {
    const host = await served({ plain: SPIN + `spin(${WORK / 2}) return { at = "end" }`, short: 'return { at = "short" }' });
    await ask(host.port, "GET", "/short", json);
    const ended = [], one = (name) => ask(host.port, "GET", "/" + name, json).then((got) => ended.push([name, got]));
    const asked = Array.from({ length: 16 }, () => one("plain"));
    await pause(10);
    asked.push(one("short"));
    await Promise.all(asked);
    for (const [name, got] of ended) equal(200, got.status, `${name} ${got.text}`);
    const at = ended.findIndex(([name]) => name === "short");
    assert(at < 10, `the short one was answered as number ${at + 1}`);
    await host.stop();
  },
  "a worker that stops answers those who still compute": async () => {
    const host = await served({ plain: SPIN + `spin(${WORK}) return { at = "end" }`, short: 'return { at = "short" }' });
    await ask(host.port, "GET", "/short", json);
    const asked = ask(host.port, "GET", "/plain", json).then((got) => got.status, () => "left");
    await pause(20);
    await host.stop();
    assert(["left", 200, 500, 503].includes(await asked), String(await asked));
    equal(0, host.code, "the worker ended with");
  },
  // One that nobody waits for any more would end at its budget, and be told; here only what somebody waited for does.
  "a page whose reader has left is ended quietly, what was sent is done": async () => {
    const dir = site();
    plugin(dir, "b", { "exports.lua": "local M = {}\nfunction M.turn() while true do end end\nreturn M\n" }, 'return { id = "b", version = "2.0.0" }\n');
    const page = (route, body) => `  page "${route}" { who = "anyone", function() ${body} end },\n`;
    plugin(dir, "a", {
      "pages/p.lua": `local page, log, b = require "host.page", require "host.log", require "b"\n${SPIN}return {\n` +
        page("GET !/own", "while true do end return {}") + page("GET !/below", "b.turn() return {}") + page("GET !/short", 'return { at = "short" }') +
        page("GET !/query", 'require "host.db".one("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 100000000) SELECT i AS m FROM r ORDER BY i % 7 LIMIT 1") return {}') +
        page("POST !/sent", `spin(${WORK}) log.info "what was sent is done" return {}`) + "}\n",
    }, 'return { id = "a", version = "1.0.0", needs = { b = "*" }, uses = { "host.db", "host.log" } }\n');
    const host = await serve(dir);
    await ask(host.port, "GET", "/short", json);
    const leave = (method, path) => new Promise((done) => {
      const request = http.request({ host: "127.0.0.1", port: host.port, method, path, headers: { Accept: "application/json", Origin: `http://127.0.0.1:${host.port}` }, agent: false });
      request.on("error", done);
      request.on("response", (answer) => done(answer.resume()));
      request.end();
      setTimeout(() => request.destroy(), 20);
    });
    for (let round = 0; round < 4; round++) await Promise.all(["/own", "/below", "/query"].map((path) => leave("GET", path)));
    await leave("POST", "/sent");
    equal(500, (await ask(host.port, "GET", "/below", json)).status, "who stayed is told:");
    await host.logs(/what was sent is done/);
    equal('{"at":"short"}', (await ask(host.port, "GET", "/short", json)).text);
    await host.stop();
    const ended = host.log.split("\n").filter((line) => / GET /.test(line));
    equal(1, ended.length, "in the log stands what somebody waited for: " + ended.join("\n").slice(0, 600));
    const failures = Object.fromEntries(sql(dir, "SELECT plugin, SUM(failures) AS n FROM host_plugin_history GROUP BY plugin").map((row) => [row.plugin, Number(row.n)]));
    equal(0, failures.a, "failures of a:");
    equal(1, failures.b, "failures of b:");
  },
  // A plugin may keep what it likes where its other calls find it: rows that the pool is reading belong to one of them.
  "an iterator that many calls know": async () => {
    const dir = site();
    plugin(dir, "shares", {
      "pages/p.lua": `local page, db = require "host.page", require "host.db"
local rows, closer
return {
  page "GET !/rows" { who = "anyone", function()
    local _, a, b
    if not rows then rows, a, b, closer = db.each("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i, 'some text' AS t FROM n") end
    local ok, n = pcall(function() local n = 0 for _ = 1, 1200 do if rows() then n = n + 1 end end return n end)
    return { n = ok and n or 0, refused = not ok and n:find "being read by another call" and true }
  end },
  page "GET !/close" { who = "anyone", function() do local c <close> = closer end rows = nil return { closed = true } end },
}
`,
    });
    const host = await serve(dir);
    let read = 0, refused = 0;
    for (let round = 0; round < 6; round++) {
      const asked = Array.from({ length: 24 }, (_, i) => ask(host.port, "GET", i === 20 ? "/close" : "/rows", json));
      for (const got of await Promise.all(asked)) {
        equal(200, got.status, got.text + host.log.slice(-300));
        const said = JSON.parse(got.text);
        read += said.n || 0;
        refused += said.refused ? 1 : 0;
      }
    }
    assert(read > 0 && host.alive(), "rows were read");
    await host.stop();
    return `${read} rows, ${refused} refused`;
  },
};
