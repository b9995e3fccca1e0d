// A question from the idea to the answer and back, through the pages that owners use: a goal picked on the live site, a
// situation to begin with, own words, a look at it, an answer, other words, and the first ones again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { card, launch, open, started } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const FIRST = "What would make the trial worth it?";
const SECOND = "What kept you from trying it?";
const ASKS = /^Asks visitors who clicked “Blog”/;
const CHOICE = "I want to see it first";
/** The one before and the one after of the days that this takes; an estimate looks at full days only. */
const YESTERDAY = "2026-03-01 23:00:00";
const TODAY = "2026-03-02 01:00:00";
/** So long a page stays before a question that was put off is asked there. */
const PUT_OFF = 3_000;

let browser;
let service;
let shop;
let owner;
let admin;
let site;

before(async () => {
  [browser, service, shop] = await Promise.all([launch(), startService({ clock: YESTERDAY }), startShop()]);
  owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  site = `${service.url}/sites/${key}`;
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
  admin = await owner.browse(browser);
});
after(async () => {
  await browser?.close();
  shop?.stop();
  await service?.stop();
});

/** A page of a visitor of their own whom the service does not take for a program. */
async function newVisitor(name) {
  const context = await browser.newContext({ userAgent: `Mozilla/5.0 (${name}) Firefox/147.0` });
  await context.addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  return context.newPage();
}

/** Visits that end on a page that they stay on: each a list of links that are followed from the home page. */
async function visit(name, links) {
  const page = await newVisitor(name);
  await open(page, `${shop.origin}/`);
  for (const link of links) await started(page, () => page.locator("nav").getByRole("link", { name: link }).click());
  return page;
}

/** What the editor tells at every change. */
async function says(id, words) {
  const text = async () => (await admin.locator(id).innerText()).replace(/\s+/g, " ");
  for (const end = Date.now() + 10_000; Date.now() < end && !words.test(await text()); ) await admin.waitForTimeout(50);
  assert.match(await text(), words);
}
const sentence = (words) => says("#sentence", words);
const estimate = (words) => says("#estimate", words);
const unfold = () => admin.evaluate(() => document.querySelectorAll("#editor details").forEach((part) => (part.open = true)));

test("from a picked goal to an answer, other words, and the first ones again", async (whole) => {
  // What follows needs what came before.
  let isBroken = false;
  const t = {
    test: (name, act) =>
      whole.test(name, { skip: isBroken }, async () => {
        isBroken = true;
        await act();
        isBroken = false;
      }),
  };
  await t.test("the owner picks what should count on the live site", async () => {
    await admin.goto(`${site}/goals`);
    const link = await admin.locator('a[href*="exitpoll_test="]').first().getAttribute("href");
    const picker = await newVisitor("owner");
    await picker.goto(link);
    await picker.getByRole("heading", { name: "Pick what should count" }).waitFor();
    await picker.locator("nav").getByRole("link", { name: "Blog" }).click();
    await picker.getByRole("radio", { name: /Clicked “Blog”/ }).waitFor();
    await picker.getByLabel("Name", { exact: true }).last().fill("Reads on");
    await picker.getByRole("button", { name: "Save goal" }).click();
    await picker.getByRole("heading", { name: "Saved" }).waitFor();
    await picker.context().close();
    await admin.reload();
    await admin.getByRole("link", { name: "Reads on", exact: true }).first().waitFor();
  });

  await t.test("visits of a day: two read on, one looks at the prices", async () => {
    const stay = async ([name, links]) => {
      const page = await visit(name, links);
      await page.waitForTimeout(PUT_OFF + 1_000);
      const told = page.waitForResponse((response) => response.url().endsWith("/x/i"));
      await page.evaluate(() => exitpoll("track", "still_here"));
      await told;
      await page.context().close();
    };
    await Promise.all([["one", ["Blog", "Home"]], ["two", ["Blog", "Home"]], ["three", ["Pricing", "Home"]]].map(stay));
    await service.restart(TODAY);
  });

  let editor;
  await t.test("a situation says whom it asks, and how often it would have last week", async () => {
    await admin.goto(`${site}/prompts/new`);
    await admin.locator("[name=template][value=pricing_viewed]").check({ force: true });
    await admin.getByRole("button", { name: "Continue" }).click();
    await admin.waitForURL(/\/prompts\/prm_/);
    editor = admin.url();
    await sentence(/^Asks visitors who viewed \/pricing in the last 10 minutes and have not completed the form “signup”/);
    await estimate(/Would have fired about 1 time last week/);
  });

  await t.test("after the picked goal it would have asked twice, on the page of prices never", async () => {
    await unfold();
    await admin.locator("#after").selectOption({ label: "Reads on" });
    await sentence(ASKS);
    await estimate(/Would have fired about 2 times last week/);
    await admin.locator("#address_1").fill("/pricing");
    await sentence(/\/pricing/);
    await estimate(/Would not have fired last week/);
    await admin.locator("#address_1").fill("");
    await estimate(/Would have fired about 2 times last week/);
  });

  await t.test("own words, looked at before anyone else sees them", async () => {
    await admin.locator("#q1-title").fill(FIRST);
    await admin.locator("[name=q1-choice_label]").first().fill(CHOICE);
    const preview = admin.frameLocator(".stage .as-card").locator("exitpoll-card");
    await preview.getByRole("heading", { name: FIRST }).waitFor();
    await preview.getByText(CHOICE).waitFor();
    await admin.getByRole("button", { name: "Publish" }).click();
    await admin.getByText("Version 1").first().waitFor();
    await sentence(ASKS);
    await estimate(/Would have fired about 2 times last week/);
  });

  await t.test("a visitor answers", async () => {
    const page = await visit("asked", ["Blog", "Home"]);
    await card(page).getByRole("heading", { name: FIRST }).waitFor();
    await card(page).getByText(CHOICE).click();
    const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":true'));
    await card(page).getByRole("button", { name: "Send" }).click();
    await sent;
    await page.context().close();
    await admin.goto(`${site}/answers`);
    await admin.locator("ul.answers > li", { hasText: CHOICE }).waitFor();
  });

  await t.test("other words are another version; the answer keeps those that it was given to", async () => {
    await admin.goto(editor);
    await admin.locator("#q1-title").fill(SECOND);
    await admin.getByRole("button", { name: "Publish changes" }).click();
    await admin.getByText("Version 2").first().waitFor();
    await sentence(ASKS);
    await estimate(/Would have fired about 2 times last week/);
    await admin.goto(`${site}/answers`);
    const answer = admin.locator("ul.answers > li", { hasText: CHOICE });
    await answer.getByText(FIRST).waitFor();
    assert.equal(await answer.getByText(SECOND).count(), 0);
    const page = await visit("reads the second", ["Blog", "Home"]);
    await card(page).getByRole("heading", { name: SECOND }).waitFor();
    await page.context().close();
  });

  await t.test("the first words again, as a version of their own", async () => {
    await admin.goto(`${editor}/versions`);
    const version = admin.locator("#version-1");
    await version.getByText("Use this version again").first().click();
    await version.getByRole("button", { name: "Publish it as version 3" }).click();
    await admin.locator("#version-3").waitFor();
    await admin.goto(editor);
    await admin.getByText("Version 3").first().waitFor();
    assert.equal(await admin.locator("#q1-title").inputValue(), FIRST);
    await sentence(ASKS);
    await estimate(/Would have fired about 2 times last week/);
    const page = await visit("reads the first", ["Blog", "Home"]);
    await card(page).getByRole("heading", { name: FIRST }).waitFor();
    await page.context().close();
  });
});
