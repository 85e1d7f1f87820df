// Runs the cases of this folder one after the other; a case is a name and a function that throws.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as lib from "./lib.mjs";

const words = process.argv.slice(3);
const only = words.includes("--only") ? words[words.indexOf("--only") + 1] : null;
const here = dirname(fileURLToPath(import.meta.url));
let passed = 0, skipped = 0;
const failures = [];

// What a case left running and nobody waits for any more is that case's failure, not the end of all others.
let stray = null;
process.on("unhandledRejection", (e) => (stray ??= e));

lib.prepare(process.argv[2], words.includes("--long") || process.env.FORECOURT_LONG === "1");
for (const file of readdirSync(join(here, "cases")).sort()) {
  const suite = file.replace(".mjs", "");
  const { default: cases } = await import(join(here, "cases", file));
  for (const [name, fn] of Object.entries(cases)) {
    const title = `${suite}: ${name}`;
    if (only && !title.includes(only)) continue;
    const began = Date.now();
    try {
      const said = await fn(lib);
      if (stray) throw stray;
      if (said && said.skip) {
        skipped++;
        console.log(`skip  ${title}: ${said.skip}`);
      } else {
        passed++;
        console.log(`ok    ${title} (${Date.now() - began} ms)${said ? ": " + said : ""}`);
      }
    } catch (e) {
      const said = `FAIL  ${title}\n      ${String(e && e.stack ? e.stack : e).split("\n").slice(0, 14).join("\n      ")}`;
      failures.push(said);
      console.log(said);
    }
    await lib.cleanUp();
    stray = null;
  }
}
lib.done();
if (failures.length) console.log(`\nwhat failed, again:\n${failures.join("\n")}`);
console.log(`${passed} passed, ${failures.length} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failures.length ? 1 : 0);
