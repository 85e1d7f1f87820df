// Runs the cases of this folder one after the other; a case is a name and a function that throws.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as lib from "./lib.mjs";

const words = process.argv.slice(3);
const only = words.includes("--only") ? words[words.indexOf("--only") + 1] : null;
const here = dirname(fileURLToPath(import.meta.url));
let passed = 0, failed = 0, skipped = 0;

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
      if (said && said.skip) {
        skipped++;
        console.log(`skip  ${title}: ${said.skip}`);
      } else {
        passed++;
        console.log(`ok    ${title} (${Date.now() - began} ms)${said ? ": " + said : ""}`);
      }
    } catch (e) {
      failed++;
      console.log(`FAIL  ${title}\n      ${String(e && e.stack ? e.stack : e).split("\n").slice(0, 14).join("\n      ")}`);
    }
    await lib.cleanUp();
  }
}
lib.done();
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failed ? 1 : 0);
