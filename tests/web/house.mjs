// What holds for every page: the door, rights, no dead link, no empty page, both languages, labels and headings.
import { networkInterfaces } from "node:os";
import { faintWords } from "./faint.mjs";
import { check, Host, it, password, Person } from "./lib.mjs";

const ROLES = ["zhou", "sun", "he", "li", "gao", "it"];
const LIMIT = Number(process.env.FORECOURT_CRAWL || 45);

async function door({ browser, host }) {
  const someone = await Person.come(browser, host, null);
  const { page } = someone;
  someone.login = "zhou";
  someone.expect(/403/);
  await page.goto("/nanjing/calls");
  check(page.url().includes("/sign-in?next="), "a page without a session leads to the door");
  await someone.picture("00-sign-in");
  await page.fill("#login", "zhou");
  await page.fill("#password", "not the password");
  await page.click("button[type=submit]");
  await page.waitForSelector("[role=alert]");
  await page.fill("#password", password);
  await page.click("button[type=submit]");
  await page.waitForURL(/\/nanjing\/calls/);
  check(true, "and on to where one wanted to go");
  await page.goto("/sign-in?next=//evil.example/");
  check((await page.inputValue("[name=next]")) === "/", "no other site comes after the sign-in");
  const json = await page.request.post("/sign-in", { form: { login: "zhou", password: "wrong" }, headers: { Accept: "application/json" } });
  check(json.status() >= 400 && (await json.json()).error, "the door speaks JSON");
  await someone.leave();
}

async function guards({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou");
  zhou.expect(/40[034]/);
  const forged = await zhou.page.request.post("/nanjing/me/lang", { form: { lang: "en", _csrf: "0".repeat(64) } });
  check(forged.status() === 403, "a wrong token is refused: " + forged.status());
  const denied = await zhou.go("/plugins");
  check(denied.status() === 403 && (await zhou.text()).length > 10, "a page without the right is a sentence: " + denied.status());
  await zhou.picture("20-denied");
  const lost = await zhou.go("/no-such-page");
  check(lost.status() === 404 && (await zhou.page.locator("[data-sentence]").count()), "a wrong address is a sentence: " + lost.status());
  const headers = (await zhou.go("/")).headers();
  check(/default-src 'none'/.test(headers["content-security-policy"]) && !/unsafe/.test(headers["content-security-policy"]), "the content policy has no inline");
  await zhou.leave();
}

async function language({ browser, host }) {
  const sun = await Person.come(browser, host, "sun");
  await sun.page.click(".fc-lang");
  await sun.page.waitForSelector("html[lang=en]");
  const menu = await sun.text("#fc-nav");
  check(!/[\u4e00-\u9fff]/.test(menu), "the menu is English: " + menu);
  await sun.picture("21-english");
  await sun.page.click(".fc-lang");
  await sun.page.waitForSelector("html[lang=zh]");
  await sun.leave();
}

async function keys({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou");
  const { page } = zhou;
  await page.keyboard.press("?");
  await page.waitForSelector("#fc-keys[open]");
  for (const key of ["n", "p", "r", "t", "c", "u"]) check(await page.locator(`#fc-keys kbd:text-is("${key}")`).count(), `the help names the key ${key} of a call`);
  await zhou.picture("22-keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  check(await page.evaluate(() => document.activeElement.id === "fc-search"), "/ goes to the search");
  await page.keyboard.type("NJ2610030001");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(search|visits)/);
  check(/NJ2610030001/.test(await zhou.text()), "the search finds an order by its number");
  await zhou.picture("23-search");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForURL(/\/calls/);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  check((await page.locator("tr.fc-row").count()) === 1, "j marks a row");
  await zhou.leave();
}

// A number asked for on a card, and where its reason can be read.
async function reasons({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou"), sun = await Person.come(browser, host, "sun");
  await sun.go("/search?q=NJ2610030001");
  const asking = sun.page.locator("form[hx-post$='/unmask']").first();
  await asking.locator("[name=reason]").fill("核对送修人电话");
  await asking.locator("button").click();
  await sun.page.waitForSelector("[id^=phone-] .user-select-all");
  const number = (await sun.text("[id^=phone-] .user-select-all")).trim();
  check(/^\d{11}$/.test(number), "the number is shown: " + number.length + " characters");
  await sun.go("/looks");
  const row = await sun.text("tbody tr");
  check(row.includes("核对送修人电话") && row.includes("孙静"), "who looked and why: " + row);
  check(!row.includes(number) && row.includes(number.slice(-4)), "the number itself is masked there");
  await sun.picture("24-looks");
  zhou.expect(/403/);
  check((await zhou.go("/looks")).status() === 403, "a specialist does not read others' reasons");
  await Promise.all([zhou.leave(), sun.leave()]);
}

// A script started from its generated form, and its progress until the end.
async function script({ browser, host }) {
  const sun = await Person.come(browser, host, "sun");
  const { page } = sun;
  await sun.go("/scripts");
  await page.click("a[href$='/scripts/due-calls']");
  await page.waitForSelector("input[type=date]");
  sun.expect(/422/);
  await page.fill("input[type=date]", "2026-11-22");
  await sun.picture("25-script");
  await page.click("main form button[type=submit]");
  await page.waitForURL(/\/jobs\/\d+/);
  await page.waitForSelector("#fc-job .bg-green-lt", { timeout: 30000 });
  check(/\d/.test(await sun.text("#fc-job")), "the result is told");
  await sun.picture("26-job");
  await sun.leave();
}

// A form of a whole page, typed while the session ended.
async function formWaits({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou");
  const { page } = zhou;
  zhou.expect(/401/);
  await zhou.go("/me");
  await page.fill("#old", "something else");
  await page.fill("#new", "another-password");
  await page.fill("#again", "another-password!");
  await page.context().clearCookies();
  await page.click("form[action$='/me/password'] button[type=submit]");
  await page.waitForSelector("#fc-session[open]");
  await page.fill("#fc-session-password", password);
  zhou.expect(/422/);
  await page.click("#fc-session button[type=submit]");
  await page.waitForSelector("[data-sentence]");
  check((await zhou.text("[data-sentence]")).includes("不一样"), "the form went out after signing in, and was answered");
  await zhou.leave();
}

// Faults of one page that a reader of the screen, or somebody without a mouse, would curse.
const faultsOfPage = () => {
  const out = [];
  const visible = (e) => e.offsetParent !== null && getComputedStyle(e).visibility !== "hidden";
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) out.push("two elements have the id " + id);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!visible(e)) continue;
    const named = e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.title;
    if (!named) out.push("a field without a label: " + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll("button, a[href]")) {
    if (visible(e) && !e.innerText.trim() && !e.getAttribute("aria-label") && !e.title && !e.querySelector("img[alt]:not([alt=''])")) out.push("a button or link without a name: " + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll("img:not([alt])")) out.push("an image without alt: " + e.src);
  for (const e of document.querySelectorAll("[style], [onclick]")) if (e.hasAttribute("onclick")) out.push("an inline script: " + e.outerHTML.slice(0, 120));
  const ruler = document.createElement("canvas").getContext("2d");
  for (const e of document.querySelectorAll("select:not([multiple])")) {
    if (!visible(e) || e.selectedIndex < 0) continue;
    const style = getComputedStyle(e);
    ruler.font = style.font;
    const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const words = e.options[e.selectedIndex].text;
    if (ruler.measureText(words).width > room + 1) out.push(`a choice that is cut off: ${words}`);
  }
  for (const e of document.querySelectorAll("td, th")) {
    const range = document.createRange();
    range.selectNodeContents(e);
    const short = e.children.length === 0 && /^[\p{Script=Han}]{2,4}$/u.test(e.innerText.trim());
    if (short && visible(e) && range.getClientRects().length > 1) out.push(`a name or a word over two lines: ${e.innerText.trim()}`);
  }
  if (!document.title.trim()) out.push("no title");
  if (!document.querySelector("main h1, main h2, main .empty-header")) out.push("no heading in the page");
  if (!document.documentElement.lang) out.push("no language");
  if ((document.querySelector("main")?.innerText || "").trim().length < 8) out.push("an empty page");
  if (document.documentElement.scrollWidth > innerWidth + 1) out.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  if (/\{\{|\bundefined\b|\[object /.test(document.body.innerText)) out.push("a name that nobody filled: " + document.body.innerText.match(/.{0,30}(\{\{|undefined|\[object ).{0,30}/)[0]);
  return out;
};

const shape = (path) => path.replace(/\d{4}-\d{2}(-\d{2})?/g, "DAY").replace(/\d{6,}/g, "ID").replace(/([?&]p=)\d+/, "$1N");

// Follows every link a role sees; of pages that differ only by an id two are enough.
async function crawl({ browser, host }, login, lang) {
  const person = await Person.come(browser, host, login);
  const { page } = person;
  await page.emulateMedia({ reducedMotion: "reduce" }); // a colour on its way is none to measure
  if (lang === "en") {
    await page.click(".fc-lang");
    await page.waitForSelector("html[lang=en]");
  }
  const queue = ["/nanjing/"];
  const seen = new Map();
  const problems = [];
  let pages = 0;
  while (queue.length && pages < LIMIT) {
    const path = queue.shift();
    const times = seen.get(shape(path)) || 0;
    if (times >= 2) continue;
    seen.set(shape(path), times + 1);
    pages += 1;
    if (/csv/.test(path)) {
      const file = await page.request.get(path);
      if (!file.ok()) problems.push(`${path}: ${file.status()}`);
      continue;
    }
    const answer = await page.goto(path).catch((e) => ({ status: () => String(e) }));
    if (answer.status() !== 200) { problems.push(`${path}: ${answer.status()}`); continue; }
    for (const fault of [...(await page.evaluate(faultsOfPage)), ...(await page.evaluate(faintWords))]) problems.push(`${path}: ${fault}`);
    const links = await page.locator("a[href]").evaluateAll((all) => all.filter((a) => a.origin === location.origin && !a.getAttribute("href").startsWith("#")).map((a) => a.pathname + a.search));
    for (const link of links) if (!queue.includes(link) && link !== "/sign-out") queue.push(link);
  }
  check(pages > 3, `only ${pages} pages were found`);
  check(!problems.length, problems.join("\n      "));
  await person.leave();
}

// Plain HTTP from another machine: reached by this machine's own address, which is none of loopback.
async function insecure({ browser, host, site }) {
  const own = Object.values(networkInterfaces()).flat().find((i) => i && i.family === "IPv4" && !i.internal);
  const here = await Person.come(browser, host, "zhou");
  check(!(await here.page.locator(".fc-banner").count()), "no banner on loopback");
  await here.leave();
  if (!own) return;
  const open = await new Host(site).start(undefined, "0.0.0.0");
  try {
    const zhou = await Person.come(browser, { url: `http://${own.address}:${open.port}` }, null);
    zhou.expect(/Cross-Origin-Opener-Policy/);
    await zhou.page.goto("/sign-in");
    check((await zhou.page.innerText(".fc-banner")).includes("HTTP"), "a banner says that the connection is plain");
    check(!(await zhou.page.evaluate(faintWords)).length, (await zhou.page.evaluate(faintWords)).join("\n"));
    await zhou.picture("24-insecure");
    await zhou.leave();
  } finally {
    await open.stop();
  }
}

export async function house(world) {
  await it("the door: a sentence for a wrong password, then on to where one wanted to go", () => door(world));
  await it("rights, tokens, headers", () => guards(world));
  await it("both languages", () => language(world));
  await it("keys: help, search, areas, rows", () => keys(world));
  await it("a number on a card: asked for with a reason, and who reads it", () => reasons(world));
  await it("a script is started from its form and shows its progress and result", () => script(world));
  await it("a whole form waits for the sign-in", () => formWaits(world));
  for (const login of ROLES) await it(`no dead link, no empty page, nothing without a name: ${login}`, () => crawl(world, login, "zh"));
  await it("the same in English: sun", () => crawl(world, "sun", "en"));
  await it("plain HTTP elsewhere than on this machine shows a banner", () => insecure(world));
}
