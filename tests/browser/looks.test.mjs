// Colours, corners, font and place, from the settings and the editor to the card on a page of another origin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./support/browser.mjs";
import { settled, shifts, violations, watchShifts } from "./support/check.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

let browser;
let service;
let shop;
let owner;
let key;
let prompt;
let admin;

before(async () => {
  [browser, service, shop] = await Promise.all([launch(), startService(), startShop()]);
  owner = await signUp(service);
  key = await owner.addSite(shop.origin);
  prompt = await owner.addPrompt(key, "exit_intent");
  admin = await owner.browse(browser);
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

const settings = () => `${service.url}/sites/${key}/settings`;
const editor = () => `${service.url}/sites/${key}/prompts/${prompt}`;
const publish = async () => {
  await admin.getByRole("button", { name: /^Publish/ }).click();
  await admin.getByText("Published. Visitors get it").waitFor();
};

/** A visitor who has the card opened by the page. */
async function visit(t, { viewport = { width: 1200, height: 800 }, style = "", ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  await watchShifts(page);
  await open(page, `${shop.origin}/pricing`);
  if (style) await page.addStyleTag({ content: style });
  await page.evaluate((id) => exitpoll("show", id), prompt);
  await page.locator("exitpoll-card .card").waitFor();
  await settled(page);
  return page;
}

const style = (page, selector, property) =>
  page.locator(`exitpoll-card ${selector}`).evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
const SEND = "[type=submit]";

test("the look of the site is seen on a card while it is chosen, before it is saved", async (t) => {
  await admin.goto(settings());
  const drawn = admin.frameLocator("#look .as-card").locator("exitpoll-card");
  const send = drawn.locator(SEND);
  const colour = () => send.evaluate((button) => getComputedStyle(button).backgroundColor);
  await drawn.waitFor();
  // As large as it is: the driver finds nothing in a frame that is scaled.
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await send.waitFor();
  const before = await colour();
  await admin.locator("#theme_light_accent").fill("#b00058");
  for (const end = Date.now() + 10_000; Date.now() < end && (await colour().catch(() => before)) === before; ) await admin.waitForTimeout(50);
  assert.equal(await colour(), "rgb(176, 0, 88)");
  await admin.getByRole("radio", { name: "Dark" }).check({ force: true });
  await admin.frameLocator("#look .as-card").locator("exitpoll-card.dark").waitFor();
  const part = admin.locator("#look");
  if (process.env.SHOTS) {
    await part.screenshot({ path: `${process.env.SHOTS}/look.png` });
    await admin.setViewportSize({ width: 390, height: 844 });
    await part.screenshot({ path: `${process.env.SHOTS}/look-390.png` });
    await admin.setViewportSize({ width: 1280, height: 720 });
  }
  await admin.reload();
  assert.equal(await admin.locator("#theme_light_accent").inputValue(), "#4b53c2", "nothing was saved");
});

test("the look of the site reaches its cards, and the page has the last word", async (t) => {
  await admin.goto(settings());
  const look = admin.locator("#look");
  await look.getByLabel("Accent").first().fill("#ffd400");
  await look.getByRole("button", { name: "Save look" }).click();
  const told = admin.locator("#theme_light_accent-e");
  await told.waitFor();
  assert.match(await told.textContent(), /^The contrast is 1\.4 to 1; it takes at least 3 to 1\./);
  assert.equal(await look.getByLabel("Accent").first().inputValue(), "#ffd400", "what was chosen is kept");

  await look.getByLabel("Accent").first().fill("#b00058");
  await look.getByLabel("Radius").fill("4");
  await look.getByRole("button", { name: "Save look" }).click();
  await admin.getByText("Saved.").waitFor();
  const page = await visit(t);
  assert.equal(await style(page, SEND, "background-color"), "rgb(176, 0, 88)");
  assert.equal(await style(page, ".card", "border-radius"), "4px");
  assert.deepEqual(await violations(page, "exitpoll-card"), []);

  const owns = await visit(t, { style: "exitpoll-card{--exitpoll-accent:#005f3b;--exitpoll-radius:0}" });
  assert.equal(await style(owns, SEND, "background-color"), "rgb(0, 95, 59)");
  assert.equal(await style(owns, ".card", "border-radius"), "0px");

  const dark = await visit(t, { style: ":root{color-scheme:dark;background:#111}" });
  assert.notEqual(await style(dark, SEND, "background-color"), "rgb(176, 0, 88)", "it is made light enough");
  assert.deepEqual(await violations(dark, "exitpoll-card"), []);
});

test("a question may look otherwise: always dark, in the font of the page", async (t) => {
  await admin.goto(editor());
  await admin.locator("[data-key=look] > summary").click();
  await admin.getByLabel("Colours, corners and font of its own").check();
  await admin.getByLabel("Light or dark").selectOption("dark");
  await admin.getByLabel("Font", { exact: true }).selectOption("page");
  await publish();
  const page = await visit(t, { style: "body{font-family:Georgia}" });
  assert.equal(await style(page, ".card", "font-family"), "Georgia");
  assert.equal(await style(page, ".card", "background-color"), "rgb(25, 26, 32)");
  await admin.goto(editor());
  await admin.locator("[data-key=look] > summary").click();
  await admin.getByLabel("Colours, corners and font of its own").uncheck();
  await publish();
});

const edges = { bottom_right: [null, 16, 16, null], bottom_left: [null, null, 16, 16], top_right: [16, 16, null, null], top_left: [16, null, null, 16], bottom_center: [null, "=", 16, "="], center: ["=", "=", "=", "="] };
for (const [place, [top, right, bottom, left]] of Object.entries(edges)) {
  test(`a card stands ${place}, moves nothing and takes no focus; on a phone it is a sheet`, async (t) => {
    await admin.goto(editor());
    await admin.locator("[data-key=look] > summary").click();
    await admin.getByLabel("Where the card opens").selectOption(place);
    if (place !== "bottom_right") await publish();
    const page = await visit(t);
    const box = await page.locator("exitpoll-card").boundingBox();
    const gaps = [box.y, 1200 - box.x - box.width, 800 - box.y - box.height, box.x].map(Math.round);
    for (const [at, gap] of [top, right, bottom, left].entries()) {
      if (gap === "=") assert.ok(Math.abs(gaps[at] - gaps[(at + 2) % 4]) <= 1, `${gaps}`);
      else if (gap !== null) assert.equal(gaps[at], gap);
    }
    assert.equal(await page.evaluate(() => document.activeElement.localName), "body");
    assert.equal(await shifts(page), 0);
    // The page beneath is there to be used, dimmed or not.
    await page.getByRole("link", { name: "Home" }).click({ timeout: 3_000 });
    await page.waitForURL(`${shop.origin}/`);
    const phone = await visit(t, { viewport: { width: 390, height: 844 }, hasTouch: true });
    const sheet = await phone.locator("exitpoll-card").boundingBox();
    assert.deepEqual([sheet.x, Math.round(sheet.width), Math.round(sheet.y + sheet.height)], [0, 390, 844]);
    assert.ok(sheet.height <= 844 * 0.35 + 1, `${sheet.height}`);
  });
}
