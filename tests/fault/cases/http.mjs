// Plugins that ask other servers: what those may do to us, whom a request may reach, and who is held up by it.
import { ask, assert, chmodSync, equal, eventually, join, match, measured, pageOf, plugin, read, run, says, scratch, serve, site, spawnSync, write } from "../lib.mjs";
import http from "node:http";
import https from "node:https";
import net from "node:net";

const json = { headers: { Accept: "application/json" }, timeout: 30000 };
const page = (port, path) => ask(port, "GET", path, json).then((a) => ({ ...a, data: a.status === 200 ? JSON.parse(a.text) : null }));

// A server of ours; `asked` is what came, `open` how many it holds.
async function server(answer, create = (fn) => http.createServer(fn)) {
  const it = { asked: [], open: 0, most: 0 };
  it.server = create((request, reply) => {
    const parts = [];
    it.most = Math.max(it.most, ++it.open);
    reply.on("close", () => it.open--);
    request.on("data", (d) => parts.push(d));
    request.on("end", () => {
      const one = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() };
      it.asked.push(one);
      answer(one, reply, request);
    });
  });
  it.server.on("tlsClientError", () => {});
  await new Promise((done) => it.server.listen(0, "127.0.0.1", done));
  it.port = it.server.address().port;
  it.close = () => new Promise((done) => (it.server.closeAllConnections?.(), it.server.close(done)));
  return it;
}

// gate.example is a server of the house; the plugin `asks` may ask it and what `more` names.
function house(port, body, more = {}) {
  const dir = site(), config = join(dir, "site.lua");
  const internal = more.internal ?? { [`gate.example:${port}`]: "127.0.0.1" };
  write(config, read(config).replace("return {", `return { internal_hosts = { ${Object.entries(internal).map(([n, a]) => `["${n}"] = "${a}"`)} },`));
  const hosts = [`gate.example:${port}`, ...(more.hosts || [])].map((h) => `"${h}"`);
  const manifest = `return { id = "asks", version = "1.0.0", uses = { "host.http", "host.db", "host.file" }, hosts = { ${hosts} }, ${more.manifest || ""} }\n`;
  const pages = { "pages/p.lua": `local http = require "host.http"\n` + pageOf("GET !/asks", body), "pages/free.lua": pageOf("GET !/free", "return { free = true }"), ...(more.files || {}) };
  plugin(dir, "asks", pages, manifest);
  return dir;
}
const url = (s, path = "/") => `http://gate.example:${s.port}${path}`;
const fetch = (what) => `local a, why, code = http.fetch { ${what} }\nreturn a or { code = code, why = why }`;

async function outcome(answer, code, o = {}) {
  const s = await server(answer), dir = house(s.port, fetch(`url = "${url(s)}", timeout = ${o.timeout || 10}`)), host = await serve(dir);
  const got = await page(host.port, "/asks");
  equal(code, got.data?.code, `${got.status} ${got.text.slice(0, 300)}:`);
  match(o.says || /gate\.example/, got.data.why, "the sentence:");
  equal(true, (await page(host.port, "/free")).data.free);
  await eventually(() => s.open === 0, "the server holds nothing of ours");
  await host.stop();
  await s.close();
}

export default {
  "what is sent and what comes back": async () => {
    const s = await server((one, reply) => {
      reply.writeHead(201, { "X-Two": ["a", "b"], "X-Name": " value " });
      reply.end("answer\0end");
    });
    const dir = house(s.port, fetch(`method = "PUT", url = "${url(s, "/a?b=1")}", headers = { ["X-Id"] = 7, ["X-None"] = "", ["X-Blank"] = " \\t" }, json = { to = "x", n = 1 }`));
    const host = await serve(dir), got = await page(host.port, "/asks");
    equal(201, got.data.status, got.text);
    equal("answer\0end", got.data.body);
    equal("a, b", got.data.headers["x-two"]);
    equal("value", got.data.headers["x-name"]);
    const [one] = s.asked;
    equal("PUT /a?b=1", `${one.method} ${one.url}`);
    equal('{"n":1,"to":"x"}', JSON.stringify(JSON.parse(one.body), Object.keys(JSON.parse(one.body)).sort()));
    equal("7,,,application/json,gate.example:" + s.port, [one.headers["x-id"], one.headers["x-none"], one.headers["x-blank"] ?? "nothing", one.headers["content-type"], one.headers.host].join());
    match(/^forecourt\//, one.headers["user-agent"]);
    await host.stop();
    await s.close();
  },
  "where there is no loop it is asked on the spot": async () => {
    const s = await server((one, reply) => reply.end("from the house")), dir = house(s.port, "return {}");
    const got = await measured(["eval", "--site", dir, "--as", "asks", `return require "host.http".fetch { url = "${url(s)}" }.body`]);
    match(/from the house/, got.out + got.err);
    equal(0, got.code);
    await s.close();
  },
  "a server that says nothing": () => outcome(() => {}, "TIMEOUT", { timeout: 0.3, says: /0\.3/ }),
  "a body that never ends": () => outcome((one, reply) => {
    const drip = setInterval(() => reply.write("x"), 20);
    reply.on("close", () => clearInterval(drip));
  }, "TIMEOUT", { timeout: 0.5 }),
  "5 MiB, announced": () => outcome((one, reply) => reply.end(Buffer.alloc(5 << 20)), "LIMIT", { says: /4 MiB/ }),
  "5 MiB of which only the size is asked": async () => {
    const s = await server((one, reply) => reply.writeHead(200, { "Content-Length": 5 << 20 }).end());
    const host = await serve(house(s.port, fetch(`method = "HEAD", url = "${url(s)}"`))), got = await page(host.port, "/asks");
    equal(String(5 << 20), got.data?.headers?.["content-length"], got.text);
    equal("", got.data.body);
    await host.stop();
    await s.close();
  },
  "5 MiB, in pieces": () => outcome((one, reply) => {
    for (let i = 0; i < 80; i++) reply.write(Buffer.alloc(64 << 10));
    reply.end();
  }, "LIMIT", { says: /4 MiB/ }),
  "headers without end": () => outcome((one, reply) => {
    reply.socket.write("HTTP/1.1 200 OK\r\n");
    const more = setInterval(() => reply.socket?.write(("X-A: " + "a".repeat(1000) + "\r\n").repeat(20)), 5);
    reply.on("close", () => clearInterval(more));
  }, "LIMIT", { says: /64 KiB/ }),
  "a server that closes before it has said anything": () => outcome((one, reply) => reply.socket.destroy(), "UNREACHABLE"),
  "a server that closes within its answer": () => outcome((one, reply) => {
    reply.writeHead(200, { "Content-Length": 1000 });
    reply.write("half");
    setTimeout(() => reply.socket.destroy(), 50);
  }, "UNREACHABLE"),
  "what is no HTTP": () => outcome((one, reply) => reply.socket.end("SSH-2.0-OpenSSH_9.2\r\n"), "UNREACHABLE"),
  "nobody listens": async () => {
    const s = await server(() => {}), dir = house(s.port, fetch(`url = "${url(s)}"`));
    await s.close();
    const host = await serve(dir);
    equal("UNREACHABLE", (await page(host.port, "/asks")).data.code);
    await host.stop();
  },
  "a certificate that nobody vouches for": async () => {
    const dir = scratch("cert"), made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", join(dir, "key"), "-out", join(dir, "cert"), "-days", "9", "-subj", "/CN=gate.example"]);
    if (made.status !== 0) return { skip: "no openssl" };
    const s = await server((one, reply) => reply.end("x"), (fn) => https.createServer({ key: read(join(dir, "key")), cert: read(join(dir, "cert")) }, fn));
    const host = await serve(house(s.port, fetch(`url = "https://gate.example:${s.port}/"`)));
    equal("TLS", (await page(host.port, "/asks")).data.code);
    equal(0, s.asked.length, "requests seen:");
    await host.stop();
    await s.close();
  },
  "a redirect is followed on the same server only": async () => {
    const other = await server((one, reply) => reply.end("other"));
    const to = { elsewhere: `http://other.example:${other.port}/`, port: `http://gate.example:${other.port}/`, name: "http://127.0.0.1/", file: "file:///etc/passwd" };
    const s = await server((one, reply) => {
      const [, way] = one.url.split("/");
      if (one.url === "/end") return reply.end(`${one.method} ${one.headers["x-id"]} ${one.body}`);
      if (way === "circle") return reply.writeHead(302, { Location: "/circle" }).end();
      if (+way) return reply.writeHead(+way, { Location: "/end" }).end("body of the redirect");
      reply.writeHead(302, { Location: to[way] ?? `https://gate.example:${s.port}/end` }).end();
    });
    const dir = house(s.port, `local out = {}
      for way in ("302 303 307 308 elsewhere port name file scheme circle"):gmatch "%w+" do
        local a, why, code = http.fetch { url = "${url(s)}" .. way, body = "b", headers = { ["X-Id"] = "1" } }
        out[way] = a and a.body or code
      end
      return out`, { hosts: [`other.example:${other.port}`], internal: { } });
    const config = join(dir, "site.lua");
    write(config, read(config).replace("internal_hosts = {  }", `internal_hosts = { ["gate.example:${s.port}"] = "127.0.0.1", ["other.example:${other.port}"] = "127.0.0.1" }`));
    const host = await serve(dir), { data } = await page(host.port, "/asks");
    equal("GET 1 ,GET 1 ,POST 1 b,POST 1 b", [data[302], data[303], data[307], data[308]].join());
    for (const way of ["elsewhere", "port", "name", "file", "scheme"]) equal("DENIED", data[way], way);
    equal("LIMIT", data.circle, "in circles:");
    equal(0, other.asked.length, "the other server was asked:");
    await host.stop();
    await other.close();
    await s.close();
  },
  "whom a plugin may not reach": async () => {
    const s = await server((one, reply) => reply.end("inside"));
    const spelt = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "0.0.0.0", "0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①"];
    const list = [...spelt, "localhost", "gate.example@127.0.0.1", "undeclared.example"].flatMap((h) => [`http://${h}:${s.port}/`, `https://${h}:${s.port}/`]);
    const dir = house(s.port, `local out = {}
      for i, url in ipairs { ${list.map((u) => JSON.stringify(u))} } do
        local a, why, code = http.fetch { url = url }
        out[i] = a and url or code
      end
      return { all = out }`, { hosts: [`localhost:${s.port}`] });
    const host = await serve(dir), { data } = await page(host.port, "/asks");
    for (const [i, code] of data.all.entries()) equal("DENIED", code, list[i]);
    equal(list.length, data.all.length);
    equal(0, s.asked.length, "requests seen:");
    await host.stop();
    await s.close();
  },
  "a header that would be a second request": async () => {
    const s = await server((one, reply) => reply.end("x"));
    const dir = house(s.port, `local out = {}
      for i, h in ipairs { { ["X-A"] = "1\\r\\nX-Evil: 1" }, { ["X-A\\r\\nX-Evil"] = "1" }, { ["X-A"] = "1\\nGET / HTTP/1.1" }, { Host = "evil" }, { ["Content-Length"] = "1" }, { ["transfer-encoding"] = "chunked" } } do
        local ok, e = pcall(http.fetch, { url = "${url(s)}", headers = h })
        out[i] = not ok and type(e) == "table" and #e.zh > 0 and #e.en > 0
      end
      local ok = pcall(http.fetch, { url = "${url(s)}", method = "GET / HTTP/1.1\\r\\nX: 1" })
      out[#out + 1] = not ok
      local a, why, code = http.fetch { url = "${url(s, "/x\\r\\nX-Evil: 1")}" }
      out[#out + 1] = code == "DENIED"
      return { all = out }`);
    const host = await serve(dir), { data, text } = await page(host.port, "/asks");
    assert(data.all.length === 8 && data.all.every((x) => x === true), text);
    equal(0, s.asked.length, "requests seen:");
    await host.stop();
    await s.close();
  },
  "not inside db.tx, not while loading": async () => {
    const s = await server((one, reply) => reply.end("x"));
    const dir = house(s.port, `local ok, e = pcall(require "host.db".tx, function() local f = http.fetch return f { url = "${url(s)}" } end)\nreturn { ok = ok, why = e.en }`);
    const host = await serve(dir), { data } = await page(host.port, "/asks");
    equal(false, data.ok);
    match(/inside db\.tx.*host\.http\.fetch/, data.why);
    equal(0, s.asked.length);
    await host.stop();
    write(join(dir, "plugins/asks/pages/q.lua"), `local x = require "host.http".fetch { url = "${url(s)}" }\n` + pageOf("GET !/q", "return {}"));
    match(/pages\/q\.lua:1: .*host\.http\.fetch/, run(["check", "--site", dir]).out);
    equal(0, s.asked.length);
    await s.close();
  },
  "check finds a request inside db.tx": async () => {
    const dir = house(1, `require "host.db".tx(function() http.fetch { url = "x" } end) return {}`);
    match(/pages\/p\.lua:4: .*host\.http\.fetch/, run(["check", "--site", dir]).out);
  },
  "where nobody can wait it is refused, and the loop turns": async () => {
    const s = await server(() => {});
    const dir = house(s.port, `local mt = {} mt.__lt = function() http.fetch { url = "${url(s)}" } return false end
      local ok, e = pcall(table.sort, { setmetatable({}, mt), setmetatable({}, mt) })
      return { ok = ok, why = not ok and e.en }`);
    const host = await serve(dir), { data, text } = await page(host.port, "/asks");
    equal(false, data?.ok, text);
    match(/nobody can wait/, data.why);
    equal(0, s.asked.length);
    await host.stop();
    await s.close();
  },
  "others are served while one waits, and few stand in one server's door": async () => {
    const held = [], s = await server((one, reply) => held.push(reply));
    const host = await serve(house(s.port, fetch(`url = "${url(s)}"`)), { workers: 1 });
    const waiting = Array.from({ length: 12 }, () => page(host.port, "/asks"));
    await eventually(() => held.length === 4, "four of the plugin's requests are under way");
    for (let i = 0; i < 5; i++) equal(true, (await page(host.port, "/free")).data.free);
    let answered = 0;
    const free = setInterval(() => held.length && (answered++, held.shift().end("late")), 10);
    for (const got of await Promise.all(waiting)) equal("late", got.data?.body, got.text);
    clearInterval(free);
    equal(12, answered);
    equal(4, s.most, "at once:");
    await host.stop();
    await s.close();
  },
  "whose time is up while he stands in line is told": async () => {
    const s = await server(() => {}), dir = house(s.port, fetch(`url = "${url(s)}"`), { files: { "pages/short.lua": `local http = require "host.http"\n` + pageOf("GET !/short", fetch(`url = "${url(s)}", timeout = 0.3`)) } });
    const host = await serve(dir, { workers: 1 }), waiting = Array.from({ length: 4 }, () => page(host.port, "/asks").catch(() => null));
    await eventually(() => s.open === 4, "four are under way");
    const got = await page(host.port, "/short");
    equal("TIMEOUT", got.data?.code, got.text);
    equal(4, s.asked.length, "asked, and none has ended:");
    equal(4, s.open, "open:");
    await s.close();
    await Promise.all(waiting);
    await host.stop();
  },
  "two plugins do not wait for each other": async () => {
    const s = await server((one, reply) => one.url === "/quick" && reply.end("quick"));
    const dir = house(s.port, fetch(`url = "${url(s)}"`));
    plugin(dir, "second", { "pages/p.lua": `local http = require "host.http"\n` + pageOf("GET !/second", fetch(`url = "${url(s, "/quick")}"`)) }, `return { id = "second", version = "1.0.0", uses = { "host.http" }, hosts = { "gate.example:${s.port}" } }`);
    const host = await serve(dir), waiting = Array.from({ length: 8 }, () => page(host.port, "/asks").catch(() => null));
    await eventually(() => s.open === 4, "the first plugin's are under way");
    equal("quick", (await page(host.port, "/second")).data.body);
    await s.close();
    await Promise.all(waiting);
    await host.stop();
  },
  "a worker asks eight at once, whoever they are of": async () => {
    const held = [], s = await server((one, reply) => held.push(reply)), dir = house(s.port, fetch(`url = "${url(s)}"`)), all = ["asks", "second", "third"];
    for (const id of all.slice(1)) plugin(dir, id, { "pages/p.lua": `local http = require "host.http"\n` + pageOf(`GET !/${id}`, fetch(`url = "${url(s)}"`)) }, `return { id = "${id}", version = "1.0.0", uses = { "host.http" }, hosts = { "gate.example:${s.port}" } }`);
    const host = await serve(dir, { workers: 1 }), waiting = all.flatMap((id) => Array.from({ length: 5 }, () => page(host.port, "/" + id)));
    await eventually(() => held.length === 8, "eight are under way");
    equal(true, (await page(host.port, "/free")).data.free);
    const free = setInterval(() => held.shift()?.end("late"), 10);
    for (const got of await Promise.all(waiting)) equal("late", got.data?.body, got.text);
    clearInterval(free);
    equal(8, s.most, "at once:");
    await host.stop();
    await s.close();
  },
  "an export asks with the rights of its own plugin, and its caller waits": async () => {
    const held = [], s = await server((one, reply) => held.push(reply));
    const dir = house(s.port, "return {}", { files: { "exports.lua": `local http = require "host.http"\nreturn { ask = function() return http.fetch { url = "${url(s)}" }.body end }\n` } });
    const calls = pageOf("GET !/calls", `local http = require "host.http"\nlocal _, _, own = http.fetch { url = "${url(s)}" }\nreturn { own = own, body = require "asks".ask() }`);
    plugin(dir, "calls", { "pages/p.lua": calls }, 'return { id = "calls", version = "1.0.0", uses = { "host.http" }, hosts = { "other.example" }, needs = { asks = "*" } }');
    const host = await serve(dir), waiting = page(host.port, "/calls");
    await eventually(() => held.length === 1, "the export's request is under way");
    equal(true, (await page(host.port, "/free")).data.free);
    held[0].end("for the export");
    equal("DENIED,for the export", [(await waiting).data?.own, (await waiting).data?.body].join(), (await waiting).text);
    await host.stop();
    await s.close();
  },
  "who leaves breaks it off": async () => {
    const s = await server(() => {}), host = await serve(house(s.port, fetch(`url = "${url(s)}"`)));
    const socket = net.connect(host.port, "127.0.0.1", () => socket.write("GET /asks HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    await eventually(() => s.open === 1, "the request is under way");
    socket.destroy();
    await eventually(() => s.open === 0, "the transfer is broken off", 4000); // its own end would come after 10 s
    equal(true, (await page(host.port, "/free")).data.free);
    await host.stop();
    equal(null, host.log.match(/.*plugins\/asks\/pages.*/), "the log:");
    await s.close();
  },
  "a killed call leaves nothing, and who waits beside it gets his answer": async () => {
    const held = [], s = await server((one, reply) => one.url === "/held" ? held.push(reply) : reply.end("quick"));
    const dir = house(s.port, `local quick = http.fetch { url = "${url(s, "/quick")}" } while true do end`, { files: { "pages/held.lua": `local http = require "host.http"\n` + pageOf("GET !/held", fetch(`url = "${url(s, "/held")}"`)) } });
    const host = await serve(dir), waiting = page(host.port, "/held");
    await eventually(() => held.length === 1, "one waits");
    for (let i = 0; i < 3; i++) equal(500, (await page(host.port, "/asks")).status, "a loop:");
    held[0].end("late");
    equal("late", (await waiting).data?.body);
    await eventually(() => s.open === 0, "nothing is open");
    equal(true, (await page(host.port, "/free")).data.free);
    await host.stop();
    await s.close();
  },
  "a call that waits ends on the version it began with": async () => {
    const held = [], s = await server((one, reply) => held.push(reply));
    const body = (v) => `local v = "${v}"\n` + `local a = http.fetch { url = "${url(s)}" } return { v = v, body = a.body }`;
    const dir = house(s.port, body("one")), host = await serve(dir), old = page(host.port, "/asks");
    await eventually(() => held.length === 1, "the old one waits");
    write(join(dir, "plugins/asks/pages/p.lua"), `local http = require "host.http"\n` + pageOf("GET !/asks", body("two")));
    write(join(dir, "plugins/asks/pages/new.lua"), pageOf("GET !/new", "return { new = true }"));
    await eventually(async () => (await page(host.port, "/new")).status === 200, "the new one is in force");
    const young = page(host.port, "/asks");
    await eventually(() => held.length === 2, "the new one waits");
    for (const reply of held) reply.end("x");
    equal("one,two", [(await old).data?.v, (await young).data?.v].join());
    await host.stop();
    await s.close();
  },
  "a server that stops does not wait for others": async () => {
    const s = await server(() => {}), host = await serve(house(s.port, fetch(`url = "${url(s)}"`)));
    const waiting = Array.from({ length: 6 }, () => page(host.port, "/asks").catch(() => null));
    await eventually(() => s.open === 4, "some are under way");
    await host.stop();
    equal(0, host.code, host.log.slice(-500));
    await Promise.all(waiting);
    equal(null, host.log.match(/.*plugins\/asks\/pages.*/), "the log:");
    await eventually(() => s.open === 0, "nothing is open");
    await s.close();
  },
  "a secret goes to its server and stands nowhere else": async () => {
    const canary = "canary-7f3a9d-geheim", s = await server((one, reply) => reply.end("x")), other = await server((one, reply) => reply.end("x"));
    const dir = house(s.port, `local token = http.secret "token"
      local out = {}
      out[1] = http.fetch { url = "${url(s)}", headers = { Authorization = "Bearer " .. token } } and "sent"
      local _, _, code = http.fetch { url = "http://other.example:${other.port}/", headers = { Authorization = token } }
      out[2] = code
      out[3] = tostring(token) .. tostring("Bearer " .. token .. "!")
      out[4] = pcall(function() return #token end)
      out[5] = pcall(require "host.json".encode, { token })
      out[6] = pcall(http.fetch, { url = "${url(s)}", body = token })
      out[7] = pcall(http.fetch, { url = "${url(s)}" .. token })
      out[8] = pcall(http.secret, "other")
      out[9] = pcall(function() return token .. token end)
      out[10] = getmetatable(token)
      local _, e = pcall(http.fetch, { url = "${url(s)}", headers = { ["X"] = "\\r\\n" .. token } })
      out[11] = e.en
      require "host.log".warn("token: " .. tostring(token))
      require "host.file".write("out.txt", tostring(token))
      return { all = out }`, { hosts: [`other.example:${other.port}`], manifest: `secrets = { token = "gate.example:${s.port}" }`, internal: { [`gate.example:${s.port}`]: "127.0.0.1", [`other.example:${other.port}`]: "127.0.0.1" }, files: { "pages/e.lua": `local http = require "host.http"\n` + pageOf("GET !/error", 'error(http.secret "token")'), "pages/r.lua": `local http = require "host.http"\n` + pageOf("GET !/given", 'return { token = "a" .. http.secret "token" }') } });
    const file = join(dir, "secrets/asks.token");
    const host = await serve(dir);
    const codes = async () => (await page(host.port, "/asks"));
    equal(500, (await codes()).status, "one that is not set is no answer:");
    says(["doctor", "--site", dir], 0, /secrets\/asks\.token: 没有设置密钥 token/, /secrets\/asks\.token: the secret token is not set/, { own: "演示" });
    write(file, canary + "\n");
    chmodSync(file, 0o644);
    equal(500, (await codes()).status, "one that others can read:");
    equal(0, s.asked.length);
    chmodSync(file, 0o600);
    const { data, text } = await codes();
    equal("sent", data?.all[0], text);
    equal("Bearer " + canary, s.asked[0].headers.authorization);
    equal("DENIED", data.all[1]);
    equal("secretsecret", data.all[2]);
    for (const i of [3, 4, 5, 6, 7, 8, 9]) equal(false, data.all[i], `number ${i + 1}:`);
    equal(0, other.asked.length, "the other server was asked:");
    const failed = [await page(host.port, "/error"), await page(host.port, "/given")];
    for (const got of failed) assert(got.status >= 400, got.status + got.text);
    await host.stop();
    for (const where of [host.log, text, ...failed.map((f) => f.text)]) assert(!where.includes(canary), "it is shown: " + where.slice(0, 2000));
    const found = spawnSync("grep", ["-rlaF", canary, dir], { encoding: "utf8" }).stdout.trim();
    equal(file, found, "where it stands:");
    await s.close();
    await other.close();
  },
  "what site.lua names is checked": async () => {
    const dir = site(), config = join(dir, "site.lua"), was = read(config);
    for (const [wrong, sentence] of [['{ "*.local" }', /internal_hosts.*\*/], ['{ ["dms.local"] = "dms" }', /internal_hosts.*192\.168/], ['"dms.local"', /internal_hosts/]]) {
      write(config, was.replace("return {", `return { internal_hosts = ${wrong},`));
      const got = run(["check", "--site", dir]);
      equal(1, got.code);
      match(sentence, got.err + got.out);
    }
  },
};
