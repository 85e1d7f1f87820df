// A plugin's settings: changed in the console, in force at once, refused with a sentence, taken back.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, it, pause, Person } from "./lib.mjs";

const days = "#setting-due_days";

async function save(page, key, value, button = "button:not([name=reset])") {
  if (value !== null) await page.fill(`#in-${key}`, value);
  await Promise.all([page.waitForLoadState("load"), page.click(`#setting-${key} ${button}`)]);
  await page.waitForSelector(".alert");
}

async function changed({ browser, host }) {
  const person = await Person.come(browser, host, "it");
  const { page } = person;
  await person.go("/plugins");
  await page.click('a[href$="/settings/callback"]');
  await page.waitForSelector(days);
  check((await page.inputValue("#in-due_days")) === "3", "the default stands there");
  await save(page, "due_days", "4");
  check((await page.inputValue("#in-due_days")) === "4", "what was saved stands there");
  await person.picture("22-settings");
  check(await page.locator(`${days} [name=reset]`).count(), "it can be taken back");
  person.expect(/422/);
  await page.$eval("#in-due_days", (input) => input.removeAttribute("max"));
  await save(page, "due_days", "400");
  check((await page.inputValue("#in-due_days")) === "400" && /90/.test(await person.text("[data-error]")), "a bad value stays for mending, with a sentence");
  await person.go("/settings/callback");
  check((await page.inputValue("#in-due_days")) === "4", "and is not in force");
  await save(page, "due_days", null, "[name=reset]");
  check((await page.inputValue("#in-due_days")) === "3", "the default is back");
  check(await page.locator("#in-staff_plates[disabled]").count(), "what site.lua says is fixed");
  await person.leave();
}

async function rights({ browser, host }) {
  const zhou = await Person.come(browser, host, "zhou");
  zhou.expect(/40[034]/);
  check((await zhou.go("/settings/callback")).status() === 403, "a specialist sets nothing");
  await zhou.leave();
  const person = await Person.come(browser, host, "it");
  person.expect(/4\d\d/);
  check((await person.go("/settings/no-such")).status() >= 400 && (await person.page.locator("[data-sentence]").count()), "an unknown plugin is a sentence");
  await person.leave();
}

const manifest = 'return { id = "coffee", version = "1.0.0", title = { zh = "咖啡", en = "Coffee" }, needs = { survey = ">=1.0", changan = ">=1.0" } }\n';
const amendment = `local q = require "survey.define"
return require "host.amend" "questionnaires/service-phone" {
  insert = { { into = "sections.process.items", after = "attitude", value = q.rate "coffee" { zh = "咖啡怎么样", en = "How was the coffee" } } },
}
`;

async function amended({ browser, host, site }) {
  const person = await Person.come(browser, host, "it");
  const folder = join(site, "plugins/coffee");
  mkdirSync(join(folder, "amend"), { recursive: true });
  writeFileSync(join(folder, "amend/service-phone.lua"), amendment);
  writeFileSync(join(folder, "plugin.lua"), manifest);
  const seen = async () => { await person.go("/plugins"); return person.text(); };
  let text = "";
  for (let i = 0; i < 40 && !text.includes("questionnaires/service-phone"); i++, await pause(250)) text = await seen();
  check(/questionnaires\/service-phone[^]*coffee 1\.0\.0[^]*plugins\/coffee\/amend\/service-phone\.lua:2[^]*sections\.process\.items/.test(text), "who changed what is told: " + text.slice(-400));
  await person.picture("23-amended");
  await person.go("/questionnaires");
  rmSync(folder, { recursive: true });
  for (let i = 0; i < 40 && text.includes("questionnaires/service-phone"); i++, await pause(250)) text = await seen();
  check(!text.includes("questionnaires/service-phone"), "with the plugin its change goes");
  await person.leave();
}

export async function settings(world) {
  await it("what a plugin changes in another's definition is told", () => amended(world));
  await it("a setting is changed, refused, taken back", () => changed(world));
  await it("settings are for IT and supervisors", () => rights(world));
}
