// The first loop on a customer's site of another origin: a step fails, one question is asked, the owner reads why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { card, launch, leaveOverTheTop, lookAround, NO_TRACES, open, started, traces } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const CANARY = "cANARy7391";
let browser;
let service;
let shop;
let owner;
let key;

before(async () => {
  browser = await launch();
  service = await startService();
  shop = await startShop();
  owner = await signUp(service);
  key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

/** A visitor of their own: another user agent, so that visits of different tests never meet. */
async function visitor(t, name) {
  const context = await browser.newContext({ userAgent: `Mozilla/5.0 Chrome/156.0 Safari/537.36 ${name}` });
  t.after(() => context.close());
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error));
  t.after(() => assert.deepEqual(errors, []));
  return page;
}

test("pricing viewed and not converted is asked on the next page of another origin", async (t) => {
  await owner.addPrompt(key, "pricing_viewed");
  const page = await visitor(t, "pricing");

  await open(page, `${shop.origin}/pricing`);
  await started(page, () => page.click("nav >> text=Blog"));
  await card(page).waitFor();
  await card(page).getByText("Too expensive").click();
  await card(page).getByRole("textbox").last().fill("Cheaper elsewhere");
  const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"a":['));
  await card(page).getByRole("button", { name: "Send" }).click();
  await sent;

  const funnel = await owner.get(`/sites/${key}?automated=1`);
  assert.match(funnel.text, /<span class="words">Price/, "the reason behind \"It is too expensive\"");
  assert.match(funnel.text, /Cheaper elsewhere/);
  const answers = await owner.get(`/sites/${key}/answers`);
  assert.match(answers.text, /Cheaper elsewhere/);
  assert.deepEqual(await traces(page), NO_TRACES);
});

test("completing the sign-up cancels the question, and nothing typed is kept anywhere", async (t) => {
  await owner.addPrompt(key, "form_abandoned");
  const page = await visitor(t, "converts");
  const sent = [];
  page.on("request", (request) => request.url().startsWith(service.url) && sent.push(request.url() + (request.postData() ?? "")));

  await open(page, `${shop.origin}/pricing`);
  await started(page, () => page.click("nav >> text=Sign up"));
  for (const field of ["name", "phone", "password", "card", "notes"]) await page.fill(`[name=${field}]`, `${CANARY}${field}`);
  await page.fill("[name=email]", `${CANARY}@example.com`);
  await started(page, () => page.click("text=Create account"));
  await page.waitForURL(`${shop.origin}/thanks`);
  await started(page, () => page.click("nav >> text=Blog"));
  // Longer than the three seconds after which a question that was put off would be asked.
  await page.waitForTimeout(4_500);

  assert.equal(await card(page).count(), 0);
  assert.deepEqual(sent.filter((text) => text.toLowerCase().includes(CANARY.toLowerCase())), []);
  assert.equal((await service.bytesOnDisk()).includes(CANARY), false);
  assert.equal(service.log().includes(CANARY), false);
  assert.deepEqual(await traces(page), NO_TRACES);
});

test("a form left unfinished is asked about when the pointer leaves over the top edge", async (t) => {
  const page = await visitor(t, "abandons");

  await open(page, `${shop.origin}/signup`);
  await page.click("[name=name]");
  await page.keyboard.type(`${CANARY} name`);
  await page.click("[name=phone]");
  await page.keyboard.type(`${CANARY} phone`);
  await lookAround(page);
  await leaveOverTheTop(page);
  await card(page).waitFor();

  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "phone", "focus stays in the page");
  assert.equal((await service.bytesOnDisk()).includes(CANARY), false);
  assert.deepEqual(await traces(page), NO_TRACES);
});
