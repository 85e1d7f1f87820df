// tests/web: the real binary, a copy of the example site, a real Chromium. Pictures go to build/pictures/.
//   node run.mjs [--long] [--docs] [--only-pictures]      --docs also writes examples/docs/console.png
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { house } from "./house.mjs";
import { Host, makeExample, makeSite, openBrowser, Person, root, summary } from "./lib.mjs";
import { morning } from "./morning.mjs";
import { quick } from "./quick.mjs";
import { settings } from "./settings.mjs";

const site = makeSite();
const host = await new Host(site).start();
const browser = await openBrowser();
let failed = 1;
mkdirSync(join(root, "examples/docs"), { recursive: true });
try {
  const world = { site, host, browser };
  if (!process.argv.includes("--only-pictures")) {
    await morning(world);
    await quick(world);
    await settings(world);
    await house(world);
  }
  if (process.argv.includes("--long") || process.argv.includes("--docs")) await pictureBook(browser);
  failed = summary();
} catch (error) {
  console.log(error.stack);
  console.log("0 passed, 1 failed");
} finally {
  await browser.close();
  await host.stop();
  if (failed) console.log(`what the host wrote:\n${host.log.split("\n").filter((l) => / (warn|error) /.test(l)).slice(-20).join("\n")}`);
  host.remove();
}
process.exit(failed ? 1 : 0);

// The pages people look at all day, at the two usual sizes, on a site with weeks of calls behind it. With --docs the README's picture is taken here.
async function pictureBook(b) {
  const docs = process.argv.includes("--docs");
  const full = makeExample("2026-11-20");
  const h = await new Host(full).start();
  try {
    for (const [name, size] of [["1366", { width: 1366, height: 768 }], ["1920", { width: 1920, height: 1080 }]]) {
      for (const [login, pages] of [["zhou", ["/", "/calls", "/forms", "/call-next"]], ["sun", ["/", "/import"]], ["he", ["/", "/forms"]], ["gao", ["/", "/reports/month-service?month=2026-11"]], ["it", ["/", "/plugins"]]]) {
        const person = await Person.come(b, h, login, { size });
        for (const path of pages) {
          await person.go(path);
          if (path === "/call-next") for (const key of ["9", "n", "8", "n", "9", "n"]) await person.page.keyboard.press(key);
          await person.page.evaluate(() => scrollTo(0, 0));
          await person.page.waitForTimeout(700);
          await person.picture(`book-${login}-${path.replace(/[^a-z]+/g, "") || "home"}-${name}`);
          if (docs && name === "1366" && path === "/call-next") await person.page.screenshot({ path: join(root, "examples/docs/console.png") });
        }
        await person.leave();
      }
    }
  } finally {
    await h.stop();
    h.remove();
  }
}
