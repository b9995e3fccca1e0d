// Tab, button of the page, and a question inside the page: from the editor to the answer, on pages of another origin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./support/browser.mjs";
import { settled, shifts, violations, watchShifts } from "./support/check.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const TALL = "<div style='height:1400px'>Words</div>";
const pages = {
  "/docs": `${TALL}<div id="vote"></div><p id="after">More</p>${TALL}`,
  "/room": `<div id="vote" style="height:380px;width:400px"></div><p id="after">More</p>${TALL}`,
  "/top": `<div id="vote"></div><p id="after">More</p>${TALL}`,
  "/help": `<p><button id="own">Tell us</button> <button class="say">Or here</button></p><dialog><button class="say">In here</button><form method="dialog"><button>Done</button></form></dialog>`,
};

let browser;
let service;
let shop;
let owner;
let key;
let prompt;
let admin;

before(async () => {
  [browser, service, shop] = await Promise.all([launch(), startService(), startShop({ pages })]);
  owner = await signUp(service);
  key = await owner.addSite(shop.origin);
  prompt = await owner.addPrompt(key, "page_helpful");
  admin = await owner.browse(browser);
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
  pages["/help"] = pages["/help"].replace('id="own"', `id="own" data-exitpoll-show="${prompt}"`);
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

/** Changes the question in the editor, and publishes it. */
async function edit(change) {
  await admin.goto(`${service.url}/sites/${key}/prompts/${prompt}`);
  await admin.locator("details.part").evaluateAll((parts) => parts.forEach((part) => (part.open = true)));
  await change(admin);
  await admin.getByRole("button", { name: /^Publish/ }).click();
  await admin.getByText("Published. Visitors get it").waitFor();
}

let visitors = 0;
/** Somebody new: visitors of one address are told apart by their browser. */
async function visit(t, path, { viewport = { width: 1200, height: 800 }, language, ...options } = {}) {
  visitors += 1;
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + visitors}.0.0.0 Safari/537.36`;
  const context = await browser.newContext({ viewport, userAgent, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  await watchShifts(page);
  if (language) {
    await page.addInitScript((language) => {
      window.exitpoll = (...call) => (window.exitpoll.q ??= []).push(call);
      window.exitpoll("set", { language });
    }, language);
  }
  await open(page, shop.origin + path);
  return page;
}

const card = (page) => page.locator("exitpoll-card .card");
const tab = (page) => page.locator("exitpoll-tab button");
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.localName);
const isIn = (page) => page.evaluate(() => document.activeElement.localName === "exitpoll-card");
/** The file that listens has come. */
const listens = (page) =>
  page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name, responseEnd }) => /\/x\/s\./.test(name) && responseEnd));
/** The last choice, and what sends it. */
async function answer(page) {
  await card(page).getByRole("radio").last().check({ force: true });
  const sent = page.waitForResponse((response) => /"a":\[/.test(response.request().postData() ?? ""));
  await card(page).getByRole("button", { name: /Send|Next/ }).click();
  assert.deepEqual((await (await sent).json()).dropped, undefined);
}
async function answers() {
  const { text } = await owner.get(`/sites/${key}/answers?prompt=${prompt}`);
  return text.split('class="choice"').length - 1;
}

test("a tab opens the card, by pointer and by key, and gets the focus back", async (t) => {
  await edit(async (page) => {
    await page.locator("#address_1").fill("");
    await page.getByLabel("A tab at the side").check();
    assert.equal(await page.locator("#ask_at").isVisible(), false, "no moment is asked for");
    await page.getByLabel("Words on the tab").fill("Feedback");
    await page.locator("#sentence", { hasText: "Visitors who click the tab “Feedback”" }).waitFor();
  });
  const before = await answers();
  const page = await visit(t, "/pricing");
  await tab(page).waitFor();
  assert.deepEqual(await violations(page, "exitpoll-tab"), []);
  assert.equal(await card(page).count(), 0);

  await tab(page).click();
  await card(page).waitFor();
  await settled(page);
  assert.equal(await isIn(page), true, "whoever asks for it is taken there");
  assert.deepEqual(await violations(page, "exitpoll-card"), []);
  await page.keyboard.press("Escape");
  await card(page).waitFor({ state: "detached" });
  assert.equal(await focused(page), "exitpoll-tab");

  await page.keyboard.press("Enter");
  await card(page).waitFor();
  await tab(page).click();
  await card(page).waitFor({ state: "detached" });

  await tab(page).click();
  await card(page).waitFor();
  await answer(page);
  assert.equal(await shifts(page), 0);
  assert.equal(await answers(), before + 1);
  const { text } = await owner.get(`/sites/${key}/prompts/${prompt}/report`);
  assert.match(text, /Who opened it/);
  assert.doesNotMatch(text, /Could be asked/);
});

for (const [name, options] of Object.entries({
  "390 px": { viewport: { width: 390, height: 844 }, hasTouch: true },
  "320 px": { viewport: { width: 320, height: 640 }, hasTouch: true },
  dark: { colorScheme: "dark" },
})) {
  test(`the tab and its card at ${name}`, async (t) => {
    const page = await visit(t, "/pricing", options);
    if (name === "dark") await page.addStyleTag({ content: ":root{color-scheme:dark;background:#111}" });
    await tab(page).click();
    await card(page).waitFor();
    await settled(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    assert.deepEqual(await violations(page, "exitpoll-card"), []);
    assert.deepEqual(await violations(page, "exitpoll-tab"), []);
    if (options.hasTouch) {
      const { height } = await card(page).boundingBox();
      assert.ok(height <= options.viewport.height * 0.8 + 1);
      assert.ok((await tab(page).boundingBox()).width >= 40);
    }
  });
}

test("a tab speaks the language of the visitor, or of the page", async (t) => {
  await edit(async (page) => {
    await page.locator("#new_language").fill("de");
    await page.locator("[value=add-language]").click();
    const label = page.locator('[name="de:look.label"]');
    await label.waitFor({ state: "attached" });
    await page.locator("#editor details").evaluateAll((parts) => parts.forEach((part) => (part.open = true)));
    await label.fill("Rückmeldung");
  });
  const reads = async (locale, language) => {
    const page = await visit(t, "/pricing", { locale, language });
    await tab(page).waitFor();
    return [await tab(page).innerText(), await page.locator("exitpoll-tab").getAttribute("lang")];
  };

  assert.deepEqual(await reads("de-AT"), ["Rückmeldung", "de"]);
  assert.deepEqual(await reads("fr-FR"), ["Feedback", "en"]);
  assert.deepEqual(await reads("fr-FR", "de"), ["Rückmeldung", "de"], "the word of the page goes first");
});

test("a tab is only where the question asks, comes back into a body that was replaced, and goes with the consent", async (t) => {
  await edit((page) => page.locator("#address_1").fill("/pricing"));
  const page = await visit(t, "/blog");
  await page.waitForTimeout(1_500);
  assert.equal(await tab(page).count(), 0);
  await page.evaluate(() => history.pushState({}, "", "/pricing"));
  await tab(page).waitFor();
  await page.evaluate(() => document.body.replaceChildren("New words"));
  await tab(page).waitFor();
  await page.evaluate(() => exitpoll("consent", "off"));
  await tab(page).waitFor({ state: "detached" });
  await edit((page) => page.locator("#address_1").fill(""));
});

test("a tab stands at the left, and in Arabic the other way round", async (t) => {
  await edit(async (page) => {
    await page.getByLabel("Side", { exact: true }).selectOption("left");
    await page.locator("#new_language").fill("ar");
    await page.locator("[value=add-language]").click();
    const label = page.locator('[name="ar:look.label"]');
    await label.waitFor({ state: "attached" });
    await page.locator("#editor details").evaluateAll((parts) => parts.forEach((part) => (part.open = true)));
    await label.fill("رأيك");
  });
  for (const [locale, side] of [["en-GB", "left"], ["ar-EG", "right"]]) {
    const page = await visit(t, "/pricing", { locale });
    await tab(page).waitFor();
    const { x, width } = await tab(page).boundingBox();
    assert.equal(Math.round(side === "left" ? x : 1200 - x - width), 0, `${locale}: ${await tab(page).innerText()}`);
  }
});

test("a button of the page opens it, marked or named, and closes it again", async (t) => {
  await edit(async (page) => {
    await page.getByLabel("A card that a button of your page opens").check();
    await page.getByLabel("Or name it by a CSS selector").fill(".say");
  });
  const page = await visit(t, "/help");
  await listens(page);
  assert.equal(await page.locator("exitpoll-tab").count(), 0);
  for (const name of ["Tell us", "Or here"]) {
    const button = page.getByRole("button", { name });
    await button.click();
    await card(page).waitFor();
    assert.equal(await isIn(page), true);
    await page.keyboard.press("Escape");
    await card(page).waitFor({ state: "detached" });
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
    await button.click();
    await card(page).waitFor();
    await button.click();
    await card(page).waitFor({ state: "detached" });
  }
  assert.equal(await shifts(page), 0);
});

test("over an open dialog of the page nothing opens, not even when asked for", async (t) => {
  const page = await visit(t, "/help");
  await listens(page);
  await page.evaluate(() => document.querySelector("dialog").showModal());
  await page.getByRole("button", { name: "In here" }).click();
  await page.waitForTimeout(1_500);
  assert.equal(await card(page).count(), 0);
  await page.getByRole("button", { name: "Done" }).click();
  await card(page).waitFor();
});

test("inside the page it comes below what is seen, and moves nothing", async (t) => {
  await edit(async (page) => {
    await page.getByLabel("A part of your page").check();
    await page.getByLabel("CSS selector of the element that it stands in").fill("#vote");
    await page.locator("#sentence", { hasText: "comes to “#vote” in the page" }).waitFor();
  });
  const before = await answers();
  const page = await visit(t, "/docs");
  await page.locator("#vote .card, #vote exitpoll-card").first().waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.mouse.move(600, 400);
  await page.mouse.wheel(0, 1_100);
  await card(page).getByRole("radio").first().waitFor();
  assert.equal(await focused(page), "body");
  assert.deepEqual(await violations(page, "exitpoll-card"), []);
  await answer(page);
  await page.waitForTimeout(5_000);
  assert.equal(await page.locator("#vote exitpoll-card").count(), 1, "what was said stays");
  assert.equal(await shifts(page), 0);
  assert.equal(await answers(), before + 1);

  await page.goto(`${shop.origin}/docs`);
  await page.waitForTimeout(3_000);
  assert.equal(await page.locator("exitpoll-card").count(), 0, "who has answered is not asked again");
});

test("in sight it waits until it is out of sight", async (t) => {
  const page = await visit(t, "/top");
  await page.waitForTimeout(3_000);
  assert.equal(await page.locator("exitpoll-card").count(), 0);
  assert.equal(await shifts(page), 0);
});

test("where the page has kept room it comes at once and keeps to it", async (t) => {
  const page = await visit(t, "/room");
  const { y } = await page.locator("#after").boundingBox();
  await card(page).waitFor();
  await settled(page);
  assert.equal((await page.locator("#after").boundingBox()).y, y);
  assert.ok((await card(page).boundingBox()).height <= 380);
  await answer(page);
  assert.equal((await page.locator("#after").boundingBox()).y, y);
  assert.equal(await shifts(page), 0);
});

test("another card may open while one stands in the page untouched, and Esc closes the dimming one from anywhere", async (t) => {
  const other = await owner.addPrompt(key, "exit_intent");
  await admin.goto(`${service.url}/sites/${key}/prompts/${other}`);
  await admin.locator("details.part").evaluateAll((parts) => parts.forEach((part) => (part.open = true)));
  await admin.getByLabel("Where the card opens").selectOption("center");
  await admin.getByRole("button", { name: /^Publish/ }).click();
  await admin.getByText("Published. Visitors get it").waitFor();
  const page = await visit(t, "/room");
  await card(page).waitFor();
  await page.evaluate((id) => exitpoll("show", id), other);
  await page.locator("body > exitpoll-card .card").waitFor();
  assert.equal(await focused(page), "body");
  await page.keyboard.press("Escape");
  await page.locator("body > exitpoll-card").waitFor({ state: "detached" });
  assert.equal(await page.locator("#vote exitpoll-card").count(), 1);
});
