// One person stays one visit and two people stay two, with nothing on the device to tell them by.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, leaveOverTheTop, lookAround, NO_TRACES, open, started, traces } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A service, a shop on another origin with the usual funnel and the pricing question, and the two closed afterwards. */
async function world(t, options) {
  const service = await startService(options);
  const shop = await startShop();
  t.after(() => Promise.all([service.stop(), shop.stop()]));
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  await owner.addPrompt(key, "pricing_viewed");
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
  return { service, shop, owner, key };
}

/** What the service decides about the question that was put off to this page. */
async function decision(page) {
  const reply = await page.waitForResponse((response) => (response.request().postData() ?? "").includes('"eligible"'));
  return (await reply.json()).ask[0];
}

async function visitor(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  return page;
}

test("two browsers with one address and one user agent, interleaved, are two visits, and both are asked", async (t) => {
  const { shop } = await world(t);
  const pages = [await visitor(t), await visitor(t)];
  const visits = [[], []];

  for (const [index, page] of pages.entries()) visits[index].push(await open(page, `${shop.origin}/`));
  for (const link of ["Pricing", "Blog"]) {
    for (const [index, page] of pages.entries()) {
      visits[index].push(await started(page, () => page.click(`nav >> text=${link}`)));
    }
  }
  // What counts is the service's decision; a card stays away when its reply takes more than a second.
  const asked = await Promise.all(pages.map((page) => decision(page)));

  for (const ask of asked) assert.ok(ask.show, JSON.stringify(ask));
  const [ann, bob] = visits.map((ids) => new Set(ids));
  assert.equal(ann.size, 1);
  assert.equal(bob.size, 1);
  assert.notDeepEqual(ann, bob);
  for (const page of pages) assert.deepEqual(await traces(page), NO_TRACES);
});

test("a round trip to a payment page on another site stays in the visit", async (t) => {
  const { shop } = await world(t);
  const pay = await startShop();
  t.after(() => pay.stop());
  const page = await visitor(t);

  const first = await open(page, `${shop.origin}/pricing`);
  await page.goto(`${pay.origin}/pay`);
  await page.evaluate((back) => {
    const link = document.createElement("a");
    link.href = back;
    link.textContent = "Back to the shop";
    document.body.append(link);
  }, `${shop.origin}/blog`);
  const second = await started(page, () => page.click("text=Back to the shop"));

  assert.equal(second, first);
});

test("a reload stays in the visit", async (t) => {
  const { shop } = await world(t);
  const page = await visitor(t);

  const first = await open(page, `${shop.origin}/pricing`);
  const second = await started(page, () => page.reload());

  assert.equal(second, first);
});

test("a new salt at midnight stays in the visit", async (t) => {
  const { service, shop } = await world(t, {
    clock: "2026-03-01 23:59:45",
    env: { FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  });
  const page = await visitor(t);
  const day = async () => new Date((await fetch(`${service.url}/ready`)).headers.get("date")).getUTCDate();

  const first = await open(page, `${shop.origin}/pricing`);
  // Otherwise no salt is new: the machine was too slow.
  assert.equal(await day(), 1);
  // Midnight of the service comes by itself; nothing announces it.
  while ((await day()) === 1) await page.waitForTimeout(100);
  const second = await started(page, () => page.click("nav >> text=Blog"));

  assert.equal(second, first);
});

test("of two tabs of a visitor who has agreed, left at the same moment, one asks", async (t) => {
  const { shop, owner, key } = await world(t);
  const prompt = await owner.addPrompt(key, "exit_intent");
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  t.after(() => context.close());
  const tabs = [await context.newPage(), await context.newPage()];
  const asked = [];
  context.on("response", async (response) => {
    if (!(response.request().postData() ?? "").includes('"exit"')) return;
    asked.push(...(await response.json()).ask.filter(({ p }) => p === prompt));
  });
  const visits = [];
  for (const tab of tabs) {
    visits.push(await open(tab, `${shop.origin}/blog`));
    await tab.evaluate(() => exitpoll("consent", "granted"));
  }
  for (let tries = 0; tries < 4 && !asked.some(({ show }) => show); tries += 1) {
    await Promise.all(tabs.map((tab) => lookAround(tab)));
    await Promise.all(tabs.map((tab) => leaveOverTheTop(tab)));
    await tabs[0].waitForTimeout(2_500);
  }
  t.diagnostic(JSON.stringify([visits, asked.map(({ show, no }) => no ?? !!show)]));
  assert.equal(asked.filter(({ show }) => show).length, 1);
  const cards = await Promise.all(tabs.map((tab) => tab.locator("exitpoll-card").count()));
  assert.equal(cards[0] + cards[1], 1);
});
