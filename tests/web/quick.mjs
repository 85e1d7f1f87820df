// Who answers quicker than the server, and what an unhappy answer does to the keys.
import { check, it, pause, Person } from "./lib.mjs";

const answer = (page, item) => page.locator(`[data-item="${item}"] .fc-option.active`).evaluateAll((all) => all.map((b) => b.dataset.value).join());
const inHand = (page) => page.locator(".fc-item.is-focus").getAttribute("data-item");
const kept = (page) => page.waitForFunction(() => !document.querySelector(".is-waiting"));
const inReason = (page, item) => page.waitForFunction((id) => document.activeElement.closest("[data-item]")?.dataset.item === id && document.activeElement.matches("[data-reason]"), item);

async function open({ browser, host }) {
  const lin = await Person.come(browser, host, "lin");
  await lin.go("/call-next");
  await lin.page.waitForSelector("#call [data-item]");
  return lin;
}
// In English, with the longest word for a person: the field for a new number shows one whole.
async function newNumber(world) {
  const lin = await open(world);
  const { page } = lin;
  await page.click(".fc-lang");
  await page.waitForSelector("html[lang=en] #call .fc-whose");
  await page.locator(".fc-whose").evaluate((select) => { select.options[0].text = "Brought the car 郑庚三"; });
  await page.fill(".fc-whose + input", "13800000000");
  const cut = await page.locator(".fc-whose + input").evaluate((input) => input.scrollWidth - input.clientWidth);
  check(cut <= 0, `a number of eleven digits is cut off by ${cut} px`);
  await lin.picture("27-new-number");
  await page.click(".fc-lang");
  await page.waitForSelector("html[lang=zh]");
  await lin.leave();
}

// The questions that are shown, in their order.
const ids = (page) => page.locator("[data-item]:visible").evaluateAll((all) => all.map((e) => e.dataset.item));

async function reason(world) {
  const lin = await open(world);
  const { page } = lin;
  const [first, second, third, fourth] = await ids(page);
  await page.keyboard.press("2");
  await inReason(page, first);
  await pause(1700);
  await page.keyboard.type("3 times not clean, under the tyre");
  await lin.picture("27-reason");
  check(!(await page.locator("dialog[open]").count()), "letters of a reason are no keys");
  await page.keyboard.press("Enter");
  await kept(page);
  check((await inHand(page)) === second, "Enter goes on to the next question");
  check((await page.inputValue(`[data-item="${first}"] [data-reason]`)) === "3 times not clean, under the tyre", "the reason stands there");

  await page.keyboard.press("3");
  await inReason(page, second);
  await page.keyboard.press("8");
  await kept(page);
  check((await answer(page, second)) === "3", "the next digit does not take the place of an unhappy answer, but is " + (await answer(page, second)));
  check((await answer(page, third)) === "8", "it answers the next question");
  await page.waitForFunction((id) => document.querySelector(".fc-item.is-focus")?.dataset.item === id, fourth);
  await page.reload();
  check((await answer(page, first)) === "2" && (await answer(page, second)) === "3", "both are kept");

  await page.click(`[data-item="${fourth}"] .fc-option`);
  await kept(page);
  const left = Number(await page.innerText("[data-total]")) - Number(await page.innerText("[data-answered]"));
  check((await page.innerText("[data-left]")).includes(` ${left} `), `beside the button it says that ${left} questions are left: ` + (await page.innerText("[data-left]")));
  await page.locator("[data-left]").scrollIntoViewIfNeeded();
  await lin.picture("27-left");
  await page.click("[data-left]");
  const unanswered = await page.locator("[data-item]:visible:not(.is-done)").first().getAttribute("data-item");
  check((await inHand(page)) === unanswered, "and leads to the first of them");
  await lin.leave();
}

async function followUp(world) {
  const lin = await open(world);
  const { page } = lin;
  const booked = '[data-item="booked"]';
  await page.click(`${booked} .fc-question`);
  await page.route("**/answer", async (route) => { await pause(400); await route.continue(); });
  const before = await ids(page);
  await page.keyboard.press("1");
  await page.keyboard.press("7");
  await page.keyboard.press("n");
  await page.keyboard.press("8");
  await kept(page);
  await page.waitForFunction(() => document.querySelectorAll(".is-focus").length);
  await pause(1000);
  await kept(page);
  const asked = (await ids(page)).filter((id) => !before.includes(id));
  check(asked.length === 1, "one question came: " + asked);
  check((await answer(page, asked[0])) === "7", `the question that came with the answer has what was meant for it, not "${await answer(page, asked[0])}"`);
  const after = before[before.indexOf("booked") + 1];
  check((await answer(page, after)) === "8", `and the one after it the next digit, not "${await answer(page, after)}"`);
  await lin.leave();
}

export async function quick(world) {
  await it("after an unhappy answer the cursor stands in its reason; a digit never replaces the answer", () => reason(world));
  await it("a new number is seen whole while it is typed", () => newNumber(world));
  await it("keys quicker than the server wait for the question that comes with the answer", () => followUp(world));
}
