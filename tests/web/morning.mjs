// A call specialist's morning, from the export of the dealer system to the month's rate.
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faintWords } from "./faint.mjs";
import { check, it, pause, password, Person, root, run } from "./lib.mjs";

const questions = (site) => join(site, "packs/changan/questionnaires/service-phone.lua");

async function importOrders({ browser, host, site }) {
  const made = spawnSync("lua5.4", [join(root, "examples/nanjing/make-orders.lua"), join(site, "orders.csv"), "--until", "2026-11-20", "--facts", join(site, "facts.json")],
    { encoding: "utf8" });
  check(made.status === 0, "make-orders: " + made.stderr);
  const sun = await Person.come(browser, host, "sun");
  const { page } = sun;
  await sun.go("/import");
  await sun.picture("01-import");
  await page.setInputFiles("#file", join(site, "orders.csv"));
  await page.click("main form button[type=submit]");
  await page.waitForSelector("select[name=fields]");
  check((await page.locator("select[name=fields]").count()) > 10, "the guessed columns stand in a table");
  const chosen = await page.locator("select[name=fields]").evaluateAll((all) => all.map((s) => s.value));
  for (const field of ["order_no", "vin", "settled", "picked_up", "plate", "owner"]) check(chosen.includes(field), "no column was guessed to be " + field);
  await sun.picture("02-import-columns");
  await page.click("main form button[type=submit]");
  await page.waitForSelector("[data-count=read]", { timeout: 60000 });
  const counts = {};
  for (const key of ["read", "new", "updated", "skipped", "refused", "warned"]) counts[key] = Number(await page.innerText(`[data-count=${key}]`));
  check(counts.new === 400, "400 new orders, not " + counts.new);
  check(counts.read === counts.new + counts.updated + counts.skipped + counts.refused, "read is the sum of the four: " + JSON.stringify(counts));
  await sun.picture("03-import-done");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[href$='refused.csv']")]);
  const refused = readFileSync(await download.path(), "utf8");
  check(refused.startsWith("\ufeff"), "the file of refused lines begins with a BOM");
  check(refused.trim().split(/\r\n/).length >= counts.refused + 1, "each refused line comes back");
  await sun.leave();
}

async function importAgain({ browser, host, site }) {
  const again = run(["run", "import-dms", "--site", site, "--file", join(site, "orders.csv"), "--json"]);
  const counts = JSON.parse(again.stdout.trim().split("\n").at(-1));
  check(counts.new === 0 && counts.updated === 0, "a second import changes nothing: " + JSON.stringify(counts));
  const twice = run(["run", "due-calls", "--site", site, "--day", "2026-11-21", "--json"]);
  check(twice.stdout.length > 0, "the list says what it decided");
}

async function dueList({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou");
  await zhou.picture("04-my-day");
  await zhou.page.click("#fc-nav a[href$='/calls']");
  await zhou.page.waitForSelector("[data-rows] tbody tr");
  check((await zhou.page.locator("tr.table-danger").count()) > 0, "overdue calls are red");
  check(/逾期 \d+ 天/.test(await zhou.text()), "and say so in words");
  check(!/1[3-9]\d{9}/.test(await zhou.text()), "no phone stands open in the list");
  await zhou.picture("05-calls");
  await zhou.leave();
}

// Opens the next call and gives back its address.
async function openCall(person) {
  await person.go("/call-next");
  await person.page.waitForSelector("#call [data-item]");
  return new URL(person.page.url()).pathname;
}

const answerOf = (page, item) => page.locator(`[data-item="${item}"] .fc-option.active`).first();
const kept = (page) => page.waitForFunction(() => !document.querySelector(".is-waiting"));

// Answers every shown question by keys: the digit for ratings, 1 (yes) for the others, n to go on.
async function byKeys(page, rating = "9") {
  for (let i = 0; i < 60; i += 1) {
    const focus = page.locator(".fc-item.is-focus");
    if (!(await focus.count())) break;
    const kind = await focus.getAttribute("data-kind");
    if (kind === "rate") await page.keyboard.press(rating);
    else if (kind === "yesno") await page.keyboard.press((await focus.getAttribute("data-item")) === "manager" ? "2" : "1");
    await kept(page); // what is in hand next is known only then
    await page.keyboard.press("n");
  }
  await kept(page);
  await page.waitForTimeout(300);
}

async function callByKeys(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const { page } = zhou;
  await openCall(zhou);
  check(await page.locator("[data-claim]").count(), "an opened call is claimed");
  check(/1[3-9]\d{9}|0\d{2,3}-?\d{7,8}/.test(await page.innerText("#results")), "in the claimed call the number stands open");
  const first = await page.locator(".fc-item.is-focus").getAttribute("data-item");
  await page.keyboard.press("8");
  await page.keyboard.press("n");
  await page.keyboard.press("0");
  await kept(page);
  check((await answerOf(page, first).getAttribute("data-value")) === "8", "the key 8 answers the first question with 8");
  await zhou.picture("06-call");
  await zhou.leave();
}

async function answersSurvive(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const path = await openCall(zhou);
  const done = await zhou.page.locator(".fc-item.is-done").count();
  check(done >= 2, `after closing the browser ${done} answers are there, two were given`);
  const lin = await Person.come(world.browser, world.host, "lin");
  await lin.page.goto(path);
  const holder = await lin.text("[data-holder]");
  check(holder.includes("周婷"), "a colleague sees who has claimed it: " + holder);
  check(!/1[3-9]\d{9}/.test(await lin.text("main")), "and no open number");
  await lin.picture("07-claimed-by-other");
  await lin.leave();
  await byKeys(zhou.page);
  await zhou.page.click("[data-finish]");
  await zhou.page.waitForSelector("[data-result]");
  check((await zhou.text("[data-result]")).includes("满意"), "the call ends satisfied");
  await zhou.picture("08-call-done");
  await zhou.leave();
}

async function sessionEnds(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const { page } = zhou;
  const path = await openCall(zhou);
  zhou.expect(/40[13]/);
  await page.context().clearCookies();
  const item = await page.locator(".fc-item.is-focus").getAttribute("data-item");
  await page.keyboard.press("7");
  await page.waitForSelector("dialog[open] input[type=password]");
  await page.waitForTimeout(200);
  await zhou.picture("09-session-ended");
  await page.fill("dialog[open] input[type=password]", "wrong-password");
  await page.click("dialog[open] button[type=submit]");
  await page.waitForSelector("dialog[open] [role=alert]:not([hidden])");
  await page.fill("dialog[open] input[type=password]", password);
  await page.click("dialog[open] button[type=submit]");
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  await kept(page);
  await page.goto(path);
  check((await answerOf(page, item).getAttribute("data-value")) === "7", "the answer that was refused went out after signing in");
  await zhou.leave();
}

async function later(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const { page } = zhou;
  await openCall(zhou);
  await page.keyboard.press("t");
  await page.waitForSelector("#later[open]");
  await zhou.picture("10-later");
  await page.fill("#later-day", "2026-11-21");
  await page.fill("#later-time", "15:30");
  await page.click("#later button[value=LATER]");
  await page.waitForURL(/\/done$/);
  await zhou.go("/calls?tab=promised");
  check((await zhou.text()).includes("15:30"), "the promised time stands in the list");
  await zhou.go("/call-next");
  await page.click("button[value=NO_ANSWER]");
  await page.waitForURL(/\/done$/);
  check(/无人接听/.test(await zhou.text()), "no answer is recorded");
  await page.keyboard.press("u");
  await page.waitForSelector("#call");
  check(/已撤销“无人接听”/.test(await zhou.text("[data-said]")), "the last result can be undone, and the page says so");
  await page.click("button[value=NOT_DRIVER]");
  await page.waitForSelector("[data-said]:has-text('接听人不是用车人')");
  check(await page.locator("[data-said]").isVisible(), "a result after which the call goes on is confirmed where one looks");
  await page.keyboard.press("u");
  await page.waitForSelector("[data-said]:has-text('已撤销')");
  await zhou.leave();
}

async function unhappy(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const { page } = zhou;
  await openCall(zhou);
  await page.keyboard.press("2");
  await page.keyboard.press("n");
  await byKeys(page, "3");
  await page.waitForSelector("[data-unhappy]:not([hidden])");
  await page.check("input[name=how][value=serious]");
  await page.fill("#problem", "刹车异响修了两次还是响，上次取车时说已经修好，客户要求给个说法");
  await zhou.picture("11-unhappy");
  await page.click("[data-finish]");
  await page.waitForSelector("[data-result]");
  const link = page.locator("main a[href*='/forms/']").first();
  check(await link.count(), "a tracking form was opened");
  world.form = new URL(await link.evaluate((a) => a.href)).pathname;
  await page.goto(world.form);
  const text = await zhou.text();
  check(text.includes("11月23日") || text.includes("2026-11-23") || text.includes("11-23"), "sent on Saturday 21 November, due on Monday the 23rd: " + text.slice(0, 400));
  await zhou.picture("12-form");
  await zhou.leave();
}

async function directorAnswers(world) {
  const he = await Person.come(world.browser, world.host, "he");
  const { page } = he;
  check(/[1-9]/.test(await he.text("#fc-nav a[href$='/forms'] .badge")), "a badge tells the director");
  await he.picture("13-director");
  await page.goto(world.form + "/answer");
  await page.fill("#cause", "刹车片磨损不均，上次只清洁没有更换");
  await page.fill("#action", "免费更换前刹车片并路试，已致歉");
  await page.fill("#told_day", "2026-11-21").catch(() => {});
  await page.fill("#told_time", "09:00").catch(() => {});
  await he.picture("14-answer");
  await page.click("main form[action$='/answer'] button[type=submit]");
  await page.waitForURL((u) => !u.pathname.endsWith("/answer"));
  await he.leave();
}

async function secondCall(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  const { page } = zhou;
  await zhou.go("/forms?tab=second");
  check(await page.locator(`main a[href='${world.form}']`).count(), "the second call comes back to the same specialist");
  await page.goto(world.form + "/second-call");
  check(!(await page.locator("button[value=satisfied]").count()), "no result before the call was begun");
  await page.click("form[action$='/claim'] button");
  await page.waitForSelector("button[value=satisfied]");
  await page.fill("#remark", "客户说现在不响了，满意");
  await zhou.picture("15-second-call");
  let asked = "";
  page.once("dialog", (dialog) => { asked = dialog.message(); dialog.dismiss(); });
  await page.click("button[value=satisfied]");
  check(/结案/.test(asked), "what cannot be taken back asks first: " + asked);
  check((await page.inputValue("#remark")) === "客户说现在不响了，满意", "who says no has lost nothing");
  page.once("dialog", (dialog) => dialog.accept());
  await Promise.all([page.waitForNavigation(), page.click("button[value=satisfied]")]);
  await page.goto(world.form);
  check(/满意/.test(await zhou.text()), "the form is closed as satisfied");
  await zhou.leave();
}

async function month(world) {
  const gao = await Person.come(world.browser, world.host, "gao");
  const { page } = gao;
  await gao.go("/reports/month-service?month=2026-11");
  await page.waitForSelector(".fc-chart canvas");
  const shown = await gao.text();
  check(/\d+\.\d %/.test(shown), "the month's rates stand there");
  const cli = run(["report", "month-service", "--site", world.site, "--month", "2026-11"]);
  const rate = /(\d+\.\d) %/.exec(cli.stdout);
  check(rate && shown.includes(rate[0]), `page and command line say the same rate (${rate && rate[0]})`);
  await gao.picture("16-month", true);
  await page.emulateMedia({ media: "print" });
  await gao.picture("17-month-print", true);
  check(!(await page.locator("aside").isVisible()), "the menu is not printed");
  await gao.leave();
  const sun = await Person.come(world.browser, world.host, "sun");
  await sun.go("/reports/month-service?month=2026-11");
  const csv = sun.page.locator("a[href*='/csv']");
  if (await csv.count()) {
    const [download] = await Promise.all([sun.page.waitForEvent("download"), csv.first().click()]);
    check(readFileSync(await download.path(), "utf8").startsWith("\ufeff"), "the CSV begins with a BOM");
  }
  await sun.leave();
}

const added = `local wash = q.rate "wash" { zh = "洗车是否干净", en = "How clean the car was washed" }`;

async function liveChange(world) {
  const zhou = await Person.come(world.browser, world.host, "zhou");
  await zhou.go("/calls");
  const file = questions(world.site);
  const before = readFileSync(file, "utf8");
  writeFileSync(file, before.replace("-- 2 Service process", added + "\n\n-- 2 Service process").replace("    tidy, hours, rest,", "    tidy, hours, rest, wash,")
    .replace('version = "1.0.0"', 'version = "1.1.0"'));
  await pause(1500);
  await openCall(zhou);
  check(await zhou.page.locator("[data-item=wash]").count(), "the new question is in the next opened call");
  await zhou.picture("18-new-question");
  await zhou.leave();
}

async function brokenChange(world) {
  const file = questions(world.site);
  const good = readFileSync(file, "utf8");
  appendFileSync(file, "\nlocal broken = = 1\n");
  await pause(1500);
  const lin = await Person.come(world.browser, world.host, "lin");
  await openCall(lin);
  check(await lin.page.locator("[data-item=wash]").count(), "a file with a mistake changes nothing");
  await lin.leave();
  const it_ = await Person.come(world.browser, world.host, "it");
  check(await it_.page.locator(".fc-banner.alert-danger").count(), "a banner tells IT");
  check(!(await it_.page.evaluate(faintWords)).length, (await it_.page.evaluate(faintWords)).join("\n"));
  await it_.go("/plugins");
  const text = await it_.text();
  check(/service-phone\.lua:\d+/.test(text), "the place is named: " + text.slice(0, 300));
  await it_.picture("19-broken-plugin");
  const seen = run(["check", "--site", world.site], { mayFail: true });
  check(seen.status === 1 && /service-phone\.lua:\d+:/.test(seen.stdout + seen.stderr), "check says file:line and exits 1");
  writeFileSync(file, good);
  await pause(1500);
  await it_.go("/plugins");
  check(!(await it_.page.locator(".fc-broken").count()), "mended, the sentence is gone");
  await it_.go("/plugins/changan");
  check(/文件夹监视/.test(await it_.text()) && !/watcher/.test(await it_.text()), "who changed it is said in words: " + (await it_.text()));
  await it_.picture("19-history");
  const history = run(["plugin", "history", "changan", "--site", world.site]).stdout;
  check(/文件夹监视|the folder watcher/.test(history), "on the command line too: " + history);
  await it_.go("/plugins/callback");
  check(await it_.page.locator("main a[href$='/settings/callback']").count(), "a plugin's page leads to its settings");
  await it_.leave();
}

export async function morning(world) {
  await it("the supervisor imports the export in the browser", () => importOrders(world));
  await it("importing it again changes nothing", () => importAgain(world));
  await it("the specialist sees what is due, overdue in red and in words", () => dueList(world));
  await it("a call is claimed and answered by keys", () => callByKeys(world));
  await it("answers are kept when the browser is closed; a colleague sees who has the call", () => answersSurvive(world));
  await it("an answer refused because the session ended goes out after signing in", () => sessionEnds(world));
  await it("another time, no answer, undo", () => later(world));
  await it("an unhappy answer opens a tracking form with the right deadline", () => unhappy(world));
  await it("the director answers", () => directorAnswers(world));
  await it("the second call closes it", () => secondCall(world));
  await it("the month's rate, its chart, print and CSV", () => month(world));
  await it("a question added while the console is open is in the next call", () => liveChange(world));
  await it("a broken file changes nothing and shows the sentence", () => brokenChange(world));
}
