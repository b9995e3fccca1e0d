// A question in the visitor's language: written beside the original in the editor, read on a page of another origin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settled, violations } from "../../widget/test/browser/support/browser.mjs";
import { launch, open } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

let browser;
let service;
let shop;
let admin;
let key;
let prompt;

before(async () => {
  [browser, service, shop] = await Promise.all([launch(), startService(), startShop()]);
  const owner = await signUp(service);
  key = await owner.addSite(shop.origin);
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
  const prompts = `/sites/${key}/prompts`;
  const editor = await owner.send(prompts, { template: "exit_intent" }, `${prompts}/new`);
  prompt = /prompts\/([^/?]+)/.exec(editor)[1];
  admin = await owner.browse(browser);
  await admin.goto(service.url + editor);
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

/** The card as a browser of this language gets it, when the page asks for it. */
async function cardIn(t, locale, act = () => {}) {
  const context = await browser.newContext({ locale, userAgent: `Mozilla/5.0 Chrome/156.0 Safari/537.36 ${t.name}` });
  t.after(() => context.close());
  const page = await context.newPage();
  await open(page, `${shop.origin}/pricing`);
  await page.evaluate(act);
  await page.evaluate((id) => exitpoll("show", id), prompt);
  await page.locator("exitpoll-card .card").waitFor();
  await settled(page);
  return page;
}

test("the editor takes translations beside the original and says what is missing", async () => {
  await admin.locator("[data-key=languages] > summary").click();
  for (const [tag, name, title] of [["de", "German", "Wonach haben Sie gesucht?"], ["ar", "Arabic", "عمّ كنت تبحث؟"]]) {
    await admin.locator("#new_language").fill(tag);
    await admin.locator("button[value=add-language]").click();
    const words = admin.locator(`#in-${tag}`);
    await words.locator("> summary", { hasText: name }).waitFor();
    await words.locator(`[name="${tag}:questions.q1.title"]`).fill(title);
  }
  await admin.getByRole("button", { name: "Publish" }).click();
  await admin.getByText("Version 1").first().waitFor();

  const german = admin.locator("#in-de");
  assert.match(await german.locator("> summary").textContent(), /\d+ of \d+ missing/);
  assert.equal(await german.locator("[name='de:questions.q1.title']").inputValue(), "Wonach haben Sie gesucht?");
});

test("a German browser reads German, and the original where a text is missing", async (t) => {
  const page = await cardIn(t, "de-AT");
  const card = page.locator("exitpoll-card");

  assert.equal(await card.getAttribute("lang"), "de");
  await card.getByRole("heading", { name: "Wonach haben Sie gesucht?" }).waitFor();
  await card.getByRole("button", { name: "Senden" }).click();
  await card.getByText(/^Bitte /).waitFor();
  await card.getByRole("button", { name: "Nicht jetzt" }).waitFor();
  assert.deepEqual(await violations(page), []);
});

test("an Arabic card is written from right to left", async (t) => {
  const page = await cardIn(t, "ar-EG");
  const card = page.locator("exitpoll-card");

  assert.equal(await card.getAttribute("dir"), "rtl");
  await card.getByRole("heading", { name: "عمّ كنت تبحث؟" }).waitFor();
  assert.deepEqual(await violations(page), []);
  const [close, title] = await Promise.all([card.getByRole("button", { name: "إغلاق" }).boundingBox(), card.locator("h2").boundingBox()]);
  assert.ok(close.x < title.x, "closes on the left");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/arabic.png` });
});

test("what the page sets comes before the browser's language", async (t) => {
  const page = await cardIn(t, "de", () => exitpoll("set", { language: "ar" }));
  assert.equal(await page.locator("exitpoll-card").getAttribute("lang"), "ar");
});

test("of two wordings each is read by some, and the answer says by which it was given", async (t) => {
  await admin.locator("[data-key=wordings] > summary").click();
  await admin.locator("button[value=add-wording]").click();
  await admin.locator("[id='wording-b'] .said input").first().fill("What is missing?");
  await admin.getByRole("button", { name: "Publish changes" }).click();
  await admin.getByText("Version 2").first().waitFor();

  const read = new Set();
  for (let n = 0; read.size < 2; n += 1) {
    assert.ok(n < 25, `only ${[...read]}`);
    const context = await browser.newContext({ locale: "en", userAgent: `Mozilla/5.0 Chrome/156.0 Safari/537.36 wording ${n}` });
    t.after(() => context.close());
    const page = await context.newPage();
    await open(page, `${shop.origin}/pricing`);
    await page.evaluate((id) => exitpoll("show", id), prompt);
    const card = page.locator("exitpoll-card");
    const title = await card.locator("h2").textContent();
    if (title === "What is missing?" && !read.has(title)) {
      await card.getByRole("radio").first().check({ force: true });
      const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":true'));
      await card.getByRole("button", { name: "Send" }).click();
      await sent;
    }
    read.add(title);
  }

  await admin.goto(`${service.url}/sites/${key}/answers?automated=1`);
  await admin.locator("ul.answers > li a").first().click();
  await admin.getByText("What is missing?").first().waitFor();
  await admin.getByText(/English, wording B/).waitFor();
});
