// A store that cannot be written: people are told what was not saved and what to do, and what they typed is not lost.
import { assert, equal, join, match } from "../lib.mjs";

const ORDERS = "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机\n" +
  Array.from({ length: 3 }, (_, i) => `RO261118000${i},定期保养,2026-11-18,2026-11-18,渝AD1234${i},LS5TEST10TA00020${i},张${i},1300000000${i}\n`).join("");
const JSON_HEAD = { Accept: "application/json" };

// A served site in `dir` with three calls that are due.
async function calls(lib, dir) {
  const got = lib.run(["run", "import-dms", "--site", dir, "--file", lib.write(join(lib.scratch(), "o.csv"), ORDERS)]);
  equal(0, got.code, got.err);
  const host = await lib.serve(dir), zhou = await lib.signIn(host.port, "zhou");
  const paths = lib.sql(dir, "SELECT CAST(id AS TEXT) AS id FROM call_task ORDER BY id").map((t) => `/nanjing/calls/${t.id}`);
  equal(200, (await zhou.get(paths[0])).status, "a call is open");
  return { host, zhou, paths };
}

async function refusedAnswer(zhou, path) {
  for (let n = 0; n < 300; n++) {
    const got = await zhou.post(path + "/answer", { item: "attitude", value: String((n % 10) + 1) }, JSON_HEAD);
    if (got.status !== 200) return got;
  }
  throw new Error("300 answers were kept on a full disk");
}

function says(got, status, words) {
  equal(status, got.status, got.text.slice(0, 300) + "\nstatus:");
  match(words, got.text);
  assert(!/nanjing\.db|SQL|UPDATE|\/tmp/.test(got.text), "the answer tells where the data lies: " + got.text.slice(0, 300));
}

export default {
  "a full disk: 507, what was not saved and whom to tell; a call still opens for reading": async (lib) => {
    if (!lib.isRoot()) return { skip: "needs root to mount a small disk" };
    const top = lib.scratch("tiny");
    equal(0, lib.spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", top]).status, "mount");
    lib.spawnSync("cp", ["-a", lib.site(), join(top, "site")]);
    const { host, zhou, paths } = await calls(lib, join(top, "site"));
    lib.spawnSync("dd", ["if=/dev/zero", "of=" + join(top, "full"), "bs=4k"]);
    const got = await refusedAnswer(zhou, paths[0]);
    says(got, 507, /没有保存.*磁盘.*IT/);
    equal(507, JSON.parse(got.text).status, "JSON");
    const opened = await zhou.get(paths[1]);
    equal(200, opened.status, "another call opens: " + opened.text.slice(0, 300));
    match(/data-unwritten="disk"/, opened.text, "the banner");
    assert(!/1300000000/.test(opened.text), "a number without a claim");
    says(await zhou.post(paths[1] + "/claim"), 507, /没有保存/);
    match(/disk is full/, host.log, "the log tells IT why:");
    lib.spawnSync("rm", [join(top, "full")]);
    equal(200, (await zhou.post(paths[0] + "/answer", { item: "attitude", value: "3" }, JSON_HEAD)).status, "with room again");
  },
  "a store that somebody holds too long: 503, try again": async (lib) => {
    const { host, zhou, paths } = await calls(lib, lib.site());
    const holder = lib.spawn("sqlite3", [join(host.dir, "data/nanjing.db"), "BEGIN IMMEDIATE", ".shell sleep 30"], { stdio: "ignore" });
    try {
      await lib.pause(300);
      says(await zhou.post(paths[0] + "/answer", { item: "attitude", value: "3" }, JSON_HEAD), 503, /没有保存.*再试/);
      const opened = await zhou.get(paths[1]);
      equal(200, opened.status, "another call opens: " + opened.text.slice(0, 300));
      match(/data-unwritten="busy"/, opened.text, "the banner");
    } finally {
      holder.kill("SIGKILL");
    }
    await lib.eventually(async () => (await zhou.post(paths[0] + "/answer", { item: "attitude", value: "4" }, JSON_HEAD)).status === 200, "afterwards it is kept", 40000);
  },
};
