// 300 visits in a real browser through a recording proxy: every figure on the pages equals a count made from what was recorded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { card, launch, open, started } from "./support/browser.mjs";
import { countVisits } from "./support/count.mjs";
import { signUp } from "./support/owner.mjs";
import { startProxy } from "./support/proxy.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const VISITS = Number(process.env.EXITPOLL_VISITS ?? 300);
const AT_ONCE = 6;

/** What visitors do, in turns. Each gets a page, the shop's address and its own number. */
const PLANS = [
  async (page, shop) => void (await open(page, `${shop}/`)),
  async (page, shop) => void (await open(page, `${shop}/blog`)),
  async (page, shop) => {
    await open(page, `${shop}/`);
    await follow(page, "Pricing");
  },
  async (page, shop, number) => {
    await open(page, `${shop}/pricing`);
    await follow(page, "Blog");
    await answer(page, number);
  },
  async (page, shop) => {
    await open(page, `${shop}/pricing`);
    await follow(page, "Blog");
    await decided(page);
  },
  async (page, shop) => {
    await open(page, `${shop}/pricing`);
    await follow(page, "Sign up");
    await start(page);
  },
  async (page, shop, number) => {
    await open(page, `${shop}/signup`);
    await start(page);
    await follow(page, "Home");
    await answer(page, number);
    await follow(page, "Blog");
  },
  async (page, shop) => {
    await open(page, `${shop}/pricing`);
    await follow(page, "Sign up");
    await signUpForReal(page);
  },
  async (page, shop) => {
    await open(page, `${shop}/signup`);
    await signUpForReal(page);
  },
];

const follow = (page, link) => started(page, () => page.click(`nav >> text=${link}`));

async function start(page) {
  const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"form_started"'));
  await page.fill("[name=name]", "Somebody");
  await sent;
}

async function signUpForReal(page) {
  await page.fill("[name=name]", "Somebody");
  await page.fill("[name=email]", "somebody@example.com");
  await started(page, () => page.click("text=Create account"));
}

/** Waits until the service has decided about the question that was put off to this page. */
async function decided(page) {
  const response = await page.waitForResponse((response) => (response.request().postData() ?? "").includes('"eligible"'));
  return (await response.json()).ask[0];
}

/** Answers when the card opens. On a busy machine the reply may come too late for a card: then the visitor stays silent. */
async function answer(page, number) {
  const failed = page.waitForRequest((request) => (request.postData() ?? "").includes('"prompt_failed"')).catch(() => {});
  const { show } = await decided(page);
  if (!show) return;
  const opened = card(page).waitFor().then(() => true);
  if (!(await Promise.race([opened, failed.then(() => false)]))) return;
  const choices = show.content.questions[0].choices;
  await card(page).getByText(choices[number % choices.length].label).click();
  if (number % 2) await card(page).getByRole("textbox").last().fill(`Comment ${number}`);
  const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":true'));
  await card(page).getByRole("button", { name: "Send" }).click();
  await sent;
}

test(`every figure of ${VISITS} visits equals the independent count`, async (t) => {
  const service = await startService();
  const proxy = await startProxy(service.url);
  const shop = await startShop();
  // Visitors are people here: the flag takes away what marks a driven browser, so that their visits count.
  const browser = await launch(["--disable-blink-features=AutomationControlled"]);
  t.after(() => Promise.all([browser.close(), proxy.stop(), shop.stop(), service.stop()]));
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  const prompts = [await owner.addPrompt(key, "pricing_viewed"), await owner.addPrompt(key, "form_abandoned")];
  const admin = await owner.browse(browser);
  const reasons = {};
  for (const prompt of prompts) {
    const editor = `${service.url}/sites/${key}/prompts/${prompt}`;
    await holdOut(admin, editor, 25);
    Object.assign(reasons, await readReasons(admin, editor));
  }
  shop.snippet = `<script async src="${proxy.url}/x/${key}.js"></script>`;

  await visitAll(browser, shop.origin);
  const counted = countVisits(proxy.ingests(), reasons);

  assert.equal(counted.visits, VISITS);
  assert.ok(counted.heldOut > 0 && counted.answers.length > 0 && counted.silent > 0, "the plans reach every case");
  await t.test("funnel", async () => {
    await admin.goto(`${service.url}/sites/${key}`);
    assert.deepEqual(await readFunnel(admin), counted.funnel);
  });
  for (const prompt of prompts) {
    await t.test(`prompt ${prompt}`, async () => {
      await admin.goto(`${service.url}/sites/${key}/prompts/${prompt}/report`);
      assert.deepEqual(await readPrompt(admin), counted.prompts[prompt]);
    });
  }
  await t.test("journeys", async () => {
    const links = await listAnswers(admin, `${service.url}/sites/${key}/answers`);
    assert.equal(links.length, counted.answers.length);
    const journeys = [];
    for (const link of links) {
      await admin.goto(link);
      journeys.push(await readJourney(admin));
    }
    assert.deepEqual(journeys.sort(byText), counted.journeys.sort(byText));
  });
});

const byText = (left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right));

async function holdOut(admin, editor, percent) {
  await admin.goto(editor);
  await admin.evaluate(() => document.querySelectorAll("#editor details").forEach((part) => (part.open = true)));
  await admin.locator("[name=held_out_percent]").fill(String(percent));
  await admin.getByRole("button", { name: /^Publish/ }).first().click();
  await admin.waitForURL((url) => !url.search.includes("error"));
}

/** Runs the plans in turns, several visitors at once, each with a user agent of its own. */
async function visitAll(browser, shop) {
  let next = 0;
  const worker = async () => {
    for (let number = next++; number < VISITS; number = next++) {
      const context = await browser.newContext({ userAgent: `Mozilla/5.0 Chrome/156.0 Safari/537.36 visitor-${number}` });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      await PLANS[number % PLANS.length](page, shop, number);
      await page.close({ runBeforeUnload: true });
      await context.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(",", ""));

/** Reasons or choices with their counts: "3 of 12" below thirty answers, a share and a count from there on. */
async function readBars(place) {
  const bars = await place.locator(".reasons li").evaluateAll((all) =>
    all.map((bar) => {
      const [count, share] = [".count", ".share"].map((part) => bar.querySelector(part)?.textContent ?? "");
      // What follows the reason in the same cell is its price and its trend.
      return [bar.querySelector(".words").firstChild.textContent.trim(), count, share];
    }),
  );
  return Object.fromEntries(bars.map(([words, count, share]) => [words, number(count || share)]).filter(([, n]) => n > 0));
}

async function readFunnel(admin) {
  const bands = await admin.locator(".funnel .band-n").allTextContents();
  const drops = [];
  for (const gap of await admin.locator(".funnel .gap").all()) {
    const parts = await gap.locator(".sum dd").allTextContents();
    const left = number(await gap.locator("h3").first().textContent());
    drops.push({ left, parts: parts.map(number), reasons: await readBars(gap) });
  }
  return { bands: bands.map(number), drops };
}

async function readPrompt(admin) {
  const stages = await admin.locator(".card").first().locator("tbody .strong").allTextContents();
  return { stages: stages.map(number), choices: await readBars(admin) };
}

/** The reason behind each choice, as the editor shows it. */
async function readReasons(admin, editor) {
  await admin.goto(editor);
  const values = (part) => admin.locator(`[name=q1-choice_${part}], [name=q1-other_${part}]`).evaluateAll((all) => all.map((input) => input.value));
  const [labels, reasons] = [await values("label"), await values("reason")];
  return Object.fromEntries(labels.map((label, index) => [label, reasons[index]]));
}

async function listAnswers(admin, url) {
  const links = [];
  for (let page = url; page; ) {
    await admin.goto(page);
    links.push(...(await admin.locator("a.choice").evaluateAll((all) => all.map((link) => link.href))));
    const older = admin.getByRole("link", { name: /^Older/ });
    page = (await older.count()) ? await older.evaluate((link) => link.href) : undefined;
  }
  return links;
}

/** The pages of a journey in order, with the place of the answer among them. */
async function readJourney(admin) {
  const lines = await admin.locator(".journey .what").allTextContents();
  return lines.flatMap((line) => {
    if (/answered/i.test(line)) return ["answered"];
    const page = /(\/[a-z]*)$/.exec(line.trim());
    return /opened/i.test(line) && page ? [page[1]] : [];
  });
}
