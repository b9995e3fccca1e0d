// The page of a link, in a browser without scripts: from the editor to the answer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { violations } from "./support/check.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";

let browser;
let service;
let owner;
let key;
let link;

before(async () => {
  [browser, service] = await Promise.all([launch(), startService()]);
  owner = await signUp(service);
  key = await owner.addSite("https://shop.example");
  const prompt = await owner.addPrompt(key, "nps");
  const admin = await owner.browse(browser);
  await admin.goto(`${service.url}/sites/${key}/prompts/${prompt}`);
  const way = admin.locator("[data-key=way]");
  if (!(await way.evaluate((part) => part.open))) await way.locator("summary").first().click();
  await admin.getByLabel("A page of its own, with a link").check();
  await admin.locator("#sentence", { hasText: "Whoever opens its link" }).waitFor();
  assert.equal(await admin.locator("#ask_at").isVisible(), false);
  await admin.getByRole("button", { name: /^Publish/ }).click();
  await admin.getByText("Published. Visitors get it").waitFor();
  link = await admin.locator("#link").textContent();
  assert.match(link, /^http:.*\/p\/site_\w+\/prm_\w+$/);
});
after(async () => {
  await browser.close();
  await service.stop();
});

async function visit(t, { viewport = { width: 1000, height: 800 }, query = "", ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(link + query);
  return page;
}

async function answers() {
  const { text } = await owner.get(`/sites/${key}/answers`);
  return text.split('class="choice"').slice(1);
}

test("it is answered without a script, and says what is missing", async (t) => {
  const page = await visit(t, { javaScriptEnabled: false });
  await page.getByRole("button").first().click();
  await page.getByRole("alert").waitFor();
  await page.getByRole("radio", { name: "9 / 10" }).check({ force: true });
  while (await page.locator("form").count()) {
    const field = page.locator("textarea").first();
    if (await field.count()) await field.fill("It just works");
    await page.getByRole("button").first().click();
  }
  assert.equal(await page.getByRole("status").count(), 1);
  await page.reload();
  assert.equal((await answers()).length, 1, "sent again by a reload, and one answer");
});

test("the browser's way back leads to the same answer, not to a second one", async (t) => {
  const page = await visit(t, { javaScriptEnabled: false });
  const before = (await answers()).length;
  for (const value of [9, 3]) {
    await page.getByRole("radio", { name: `${value} / 10` }).check({ force: true });
    await page.getByRole("button").first().click();
    await page.locator("textarea").first().waitFor();
    if (value === 9) await page.goBack();
  }
  assert.equal((await answers()).length - before, 1);
});

for (const [name, options] of Object.entries({
  light: {},
  dark: { colorScheme: "dark" },
  "390 px": { viewport: { width: 390, height: 844 } },
  "320 px": { viewport: { width: 320, height: 640 } },
  German: { query: "?lang=de" },
})) {
  test(`nothing is wrong with it: ${name}`, async (t) => {
    const page = await visit(t, { bypassCSP: true, ...options });
    assert.deepEqual(await violations(page, "html"), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.getByRole("button").first().click();
    await page.getByRole("alert").waitFor();
    assert.deepEqual(await violations(page, "html"), []);
  });
}
