// Files that people give us. Whatever is in them: a sentence with the place and what to do, the right exit code, and the store as it was.
import { closeSync, openSync, writeSync } from "node:fs";

const HEADER = "工单号,维修类型,结算日期,交车日期,车牌号,底盘号,车主,车主手机,送修人,送修人手机,服务顾问,进厂里程,结算金额";
const ROW = "RO2611180001,定期保养,2026/11/18 16:42,2026/11/18,渝AD12345,LS5TEST10TA000123,张某,13000000001,,,李工,12036,486";

// Import of one file: refused with these sentences, and nothing is different afterwards.
function refused(lib, name, bytes, zh, en, own) {
  const dir = lib.site();
  const file = lib.write(lib.join(lib.scratch(), name), bytes);
  lib.run(["run", "due-calls", "--site", dir, "--day", "2026-11-21"]);
  const before = lib.tableCounts(dir);
  lib.says(["run", "import-dms", "--site", dir, "--file", file], 1, zh, en, { own });
  const after = lib.tableCounts(dir);
  for (const table of Object.keys(after)) if (table.startsWith("archive_") || table.startsWith("callback_")) lib.equal(before[table], after[table], `rows of ${table}:`);
  return dir;
}

// The 512-byte beginning of a compound file, as Excel 97-2003 writes it, then a directory sector that names the stream "Workbook".
function binaryXls() {
  const b = Buffer.alloc(512 * 6, 0);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(b);
  b.writeUInt16LE(0x3e, 24);
  b.writeUInt16LE(3, 26);
  b.writeUInt16LE(0xfffe, 28);
  b.writeUInt16LE(9, 30);
  b.writeUInt16LE(6, 32);
  b.writeUInt32LE(1, 44);
  b.writeUInt32LE(1, 48);
  b.writeUInt32LE(4096, 56);
  b.writeInt32LE(-2, 60);
  b.writeInt32LE(-2, 68);
  for (let i = 0; i < 109; i++) b.writeInt32LE(i ? -1 : 0, 76 + 4 * i);
  Buffer.from("Workbook", "utf16le").copy(b, 512 * 2);
  b.writeUInt16LE(18, 512 * 2 + 64);
  return b;
}

export default {
  "garbage bytes": (lib) => {
    const bytes = Buffer.alloc(200000);
    let x = 12345;
    for (let i = 0; i < bytes.length; i++) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
    refused(lib, "orders.csv", bytes, /表头|文字|编码|字节/, /header|text|encoding|byte/);
  },
  "an empty file, and one of blanks": (lib) => {
    refused(lib, "empty.csv", "", /空|表头/, /empty|header/);
    refused(lib, "blank.csv", "\r\n \r\n\r\n", /没有/, /no row|no line/);
  },
  "a line of 200 MB costs no memory and gives a sentence": async (lib) => {
    const dir = lib.site();
    const path = lib.join(lib.scratch(), "long.csv");
    const fd = openSync(path, "w");
    writeSync(fd, HEADER + "\n" + ROW + "\nRO2,");
    for (let i = 0; i < 200; i++) writeSync(fd, Buffer.alloc(1 << 20, "x"));
    closeSync(fd);
    const quiet = await lib.measured(["run", "import-dms", "--site", dir, "--file", lib.write(lib.join(lib.scratch(), "one.csv"), HEADER + "\n")]);
    const got = await lib.measured(["run", "import-dms", "--site", dir, "--file", path]);
    lib.equal(1, got.code, "exit code " + got.err);
    lib.match(/3 ?行|:3/, got.err, "the place");
    lib.match(/太长|超过/, got.err, "the sentence");
    lib.assert(got.peakMiB < quiet.peakMiB + 48, `peak ${got.peakMiB} MiB against ${quiet.peakMiB} MiB of a small file`);
    lib.equal(0, lib.sql(dir, "SELECT count(*) AS n FROM archive_visit")[0].n, "rows");
    return `${got.peakMiB} MiB`;
  },
  "an HTML table named .xls": (lib) => {
    refused(lib, "orders.xls", "<html><head><meta charset=gbk></head><body><table><tr><td>工单号</td></tr></table></body></html>", /HTML/, /HTML/);
  },
  "a real binary .xls is refused by name": (lib) => {
    refused(lib, "orders.xls", binaryXls(), /\.xls[\s\S]*\.xlsx[\s\S]*CSV/, /\.xls[\s\S]*\.xlsx[\s\S]*CSV/);
    refused(lib, "orders.csv", binaryXls(), /\.xlsx[\s\S]*CSV/, /\.xlsx[\s\S]*CSV/);
  },
  "a broken .xlsx": (lib) => {
    refused(lib, "orders.xlsx", Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(3000, 7)]), /xlsx|工作簿|表格/, /xlsx|workbook/);
  },
  "no header": (lib) => {
    refused(lib, "orders.csv", `${ROW}\n${ROW.replace("0001,", "0002,")}\n`, /表头/, /header/);
  },
  "two columns of one name": (lib) => {
    refused(lib, "orders.csv", `${HEADER},底盘号\n${ROW},LS5TEST12TA000124\n`, /第 6 列和第 14 列.*底盘号|底盘号.*6.*14/, /columns 6 and 14.*底盘号/, "底盘号");
  },
  "a file that is not there, a folder, one that may not be read": (lib) => {
    const dir = lib.site();
    lib.says(["run", "import-dms", "--site", dir, "--file", "/nowhere/orders.csv"], 1, /\/nowhere\/orders\.csv/, /\/nowhere\/orders\.csv: cannot be opened/);
    lib.says(["run", "import-dms", "--site", dir, "--file", lib.scratch()], 1, /无法/, /cannot/);
    lib.says(["run", "import-dms", "--site", dir], 2, /--file/, /--file/);
  },
  "what never ends, a pipe, a folder, a file beyond all measure": (lib) => {
    const dir = lib.site(), at = lib.scratch(), pipe = lib.join(at, "pipe"), huge = lib.join(at, "huge.csv");
    lib.equal(0, lib.spawnSync("mkfifo", [pipe]).status, "mkfifo");
    lib.equal(0, lib.spawnSync("truncate", ["-s", "2G", huge]).status, "truncate");
    const refusedWith = (path, zh, en) => lib.says(["run", "import-dms", "--site", dir, "--file", path], 1, zh, en, { timeout: 5000 });
    refusedWith("/dev/zero", /\/dev\/zero: 不是普通文件.*先存成文件/, /\/dev\/zero: is no plain file.*save it as a file/);
    refusedWith(pipe, /不是普通文件/, /is no plain file/);
    refusedWith(at, /是文件夹/, /is a folder/);
    refusedWith(huge, /超过 1 GiB.*拆/, /larger than 1 GiB.*split/i);
    lib.equal(0, lib.readdirSync(lib.join(dir, "data/files")).length, "copies left");
  },
  "the list of calls that follows an import shows how far it is": (lib) => {
    const dir = lib.site(), rows = Array.from({ length: 1000 }, (_, i) => `RO26111${String(i).padStart(6, "0")},LS5TEST10TA${String(i).padStart(6, "0")},2026-11-18`);
    const file = lib.write(lib.join(lib.scratch(), "orders.csv"), "工单号,底盘号,结算日期\n" + rows.join("\n") + "\n");
    const got = lib.run(["run", "import-dms", "--site", dir, "--file", file]);
    lib.equal(0, got.code, got.err);
    const steps = got.err.split("\n").filter((l) => /正在判断/.test(l));
    lib.assert(steps.length >= 3, "said of the list of calls: " + JSON.stringify(got.err));
  },
  "work that cannot be moved so is said in the form, with what was chosen": async (lib) => {
    const dir = lib.site(), host = await lib.serve(dir), sun = await lib.signIn(host.port, "sun");
    const inForm = (got, status, words) => {
      lib.equal(status, got.status, "status:");
      lib.match(words, (/data-error>([^<]*)/.exec(got.text) || [])[1] || "no sentence in a form", "the sentence:");
      lib.match(/<select[^>]*id="move-to"[\s\S]*<option value="zhou" selected>/, got.text, "what was chosen:");
    };
    inForm(await sun.get("/nanjing/call-moves?from=zhou&to=zhou&which=open"), 422, /请选择另一位专员/);
    inForm(await sun.post("/nanjing/call-moves", { from: "zhou", to: "zhou", which: "open", expect: "0" }), 422, /请选择另一位专员/);
    inForm(await sun.post("/nanjing/call-moves", { from: "", to: "zhou", which: "open", expect: "7" }), 422, /请重新预览/);
    lib.equal(200, (await sun.get("/nanjing/call-moves?from=&to=zhou&which=open")).status, "what can be moved:");
  },
  "a good file after the bad ones": (lib) => {
    const dir = refused(lib, "orders.csv", "\u0000\u0001\u0002", /./, /./);
    const file = lib.write(lib.join(lib.scratch(), "orders.csv"), `${HEADER}\n${ROW}\n`);
    const got = lib.run(["run", "import-dms", "--site", dir, "--file", file, "--json"]);
    lib.equal(0, got.code, got.err);
    const sum = JSON.parse(got.out.trim().split("\n").pop());
    lib.equal(1, sum.new, "new");
    lib.equal(1, sum.read, "read");
  },
};
