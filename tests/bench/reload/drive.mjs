// Changes plugins of a served site and asks it meanwhile: drive.mjs PORT PID SITE WHAT N
//   save N   from the save to its effect, N times, nothing else to do: milliseconds, one a line
//   load N   N changes under 500 requests a second: "FIGURES asked failed mixed before_kib after_kib answered_a_second"
import http from "node:http";
import { readFileSync, writeFileSync } from "node:fs";

const [port, pid, site, what, times] = [+process.argv[2], process.argv[3], process.argv[4], process.argv[5], +process.argv[6]];
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
// What the supervisor and its workers hold of their own, what they share counted once; pages of program files are nobody's.
const processes = () => [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")];
const held = (p) => [.../^Pss_(?:Anon|Shmem):\s+(\d+)/gm[Symbol.matchAll](readFileSync(`/proc/${p}/smaps_rollup`, "utf8"))].reduce((sum, m) => sum + +m[1], 0);
const rss = () => processes().map(held).reduce((a, b) => a + b);

const ask = () => new Promise((done) => {
  const request = http.get({ host: "127.0.0.1", port, path: "/bench/v", agent, headers: { Accept: "application/json" } }, (answer) => {
    let text = "";
    answer.on("data", (d) => (text += d));
    answer.on("end", () => done({ status: answer.statusCode, text }));
  });
  request.on("error", (e) => done({ status: e.message, text: "" }));
});
// One file: what is saved is what a request sees, from the definition's text and from the code.
const save = (v) => writeFileSync(`${site}/plugins/bench/pages/p.lua`,
  `local page = require "host.page"\nlocal n = ${v}\nreturn page "GET !/bench/v" { who = "anyone", function() return { v = ${v}, n = n } end }\n`);
async function seen(v) {
  for (;;) {
    const got = await ask();
    if (got.status === 200 && JSON.parse(got.text).v === v) return;
    await pause(1);
  }
}

if (what === "save") {
  for (let i = 1; i <= times; i++) {
    await pause(60);
    const began = process.hrtime.bigint();
    save(i);
    await seen(i);
    console.log(Number(process.hrtime.bigint() - began) / 1e6);
  }
} else {
  let asked = 0, failed = 0, mixed = 0, over = false, before = 0;
  const one = async () => {
    asked++;
    const got = await ask();
    if (got.status !== 200) failed++;
    else if (JSON.parse(got.text).v !== JSON.parse(got.text).n) mixed++;
  };
  const began = Date.now();
  const load = setInterval(() => {
    for (const due = ((Date.now() - began) * 500) / 1000; asked < due && !over;) one();
  }, 4);
  const warm = Math.ceil(times / 5);
  for (let i = 1; i <= times + warm; i++) {
    save(100000 + i);
    await seen(100000 + i);
    if (i === warm) before = rss();
  }
  const rate = asked / ((Date.now() - began) / 1000);
  over = true;
  clearInterval(load);
  await pause(300);
  console.log(`FIGURES ${asked} ${failed} ${mixed} ${before} ${rss()} ${rate.toFixed(0)}`);
}
agent.destroy();
