// Every report read as a screen reader reads it, on a wide page and on a phone, and once more with scripts off: of a site with much
// traffic, of one with little, and of one with none.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { violations } from "./support/check.mjs";
import { signUp } from "./support/owner.mjs";
import { complaints, said } from "./support/reading.mjs";
import { startService } from "./support/service.mjs";

const WIDE = { viewport: { width: 1280, height: 900 }, colorScheme: "light" };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };
const HOUR = 3_600_000;

let browser;
let service;
let owner;
let state;
/** Names of reports and where they are. */
let pages;

before(async () => {
  [browser, service] = await Promise.all([launch(), startService()]);
  owner = await signUp(service);
  const [much, little] = [await seed(3_000, 40), await seed(60, 20)];
  const none = await owner.addSite("https://www.example.com", "Empty shop");
  const scored = await owner.addSite("https://scores.example", "Scores");
  await owner.addFunnel(scored);
  const nps = await owner.addPrompt(scored, "nps");
  await importScores(scored, nps);
  const forms = await owner.addSite("https://shop.example", "Shop");
  await measureForms(forms);
  const admin = await owner.browse(browser);
  state = await admin.context().storageState();
  await admin.close();
  pages = {
    ...(await list("much", much)),
    ...(await list("little", little)),
    ...(await list("none", none, await owner.addPrompt(none, "exit_intent"))),
    "forms, measured": `/sites/${forms}/reports/forms`,
    "a question on a scale": `/sites/${scored}/prompts/${nps}/report?days=90&by=source`,
    "scores on a scale": `/sites/${scored}/reports/scores?days=28&by=device`,
    ...(await narrowed(much)),
  };
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

async function seed(visits, days) {
  const told = await service.run("seed", "--visits", String(visits), "--days", String(days));
  return /site_[a-z0-9]+/.exec(told)[0];
}

/** Names of what a page of the owner leads to. */
async function find(path, name) {
  const { text } = await owner.get(path);
  return [...new Set(text.match(name) ?? [])];
}

/** All reports of a site, each with what it can be asked for. */
async function list(whose, key, prompt) {
  const site = `/sites/${key}`;
  const [first] = prompt ? [prompt] : await find(`${site}/prompts`, /prm_[0-9a-f]+/g);
  const [answer] = await find(`${site}/answers`, /imp_[0-9a-f]+/g);
  const paths = {
    funnel: `${site}?days=28`,
    "funnel by device, with times": `${site}?days=28&by=device&times=1`,
    "funnel in strict order": `${site}?days=28&order=strict`,
    overview: `${site}/reports/overview?days=28&by=device`,
    "small steps": `${site}/reports/steps?days=28&by=source`,
    blueprint: `${site}/reports/blueprint?days=28`,
    "what goes with converting": `${site}/reports/predictors?days=28&by=device`,
    revenue: `${site}/reports/revenue?days=28`,
    forms: `${site}/reports/forms?days=28`,
    scores: `${site}/reports/scores?days=28&by=device`,
    "what can be known": `${site}/reports/knowable`,
    "reasons by step": `${site}/reports/reasons?days=28&by=source`,
    "data quality": `${site}/reports/quality?days=28`,
    "a question": `${site}/prompts/${first}/report?days=28&by=device`,
    "why it did not show": `${site}/prompts/${first}/why?days=28`,
    answers: `${site}/answers`,
    ...(answer && { "an answer": `${site}/answers/${answer}` }),
  };
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [`${whose}: ${name}`, path]));
}

/** A segment, the answers behind a cell, and a baseline that was set. */
async function narrowed(key) {
  const site = `/sites/${key}`;
  const [step] = await find(`${site}/goals`, /gl_[0-9a-f]+/g);
  const [cell] = await find(`${site}/reports/reasons?days=28`, /\/sites\/[^"]+\/answers\?reason=[^"]+/g);
  const to = new Date().toISOString().slice(0, 10);
  const from = new Date(Date.now() - 13 * 24 * HOUR).toISOString().slice(0, 10);
  const blueprint = `${site}/reports/blueprint`;
  await owner.send(blueprint, { from, to }, `${blueprint}?days=14`);
  return {
    "a segment": `${site}?days=28&device=desktop&did=${step}&by=source`,
    "two segments within a time": `${site}?days=28&did=${step}&beside=others&within=30`,
    "a report that does not know its filters": `${site}/reports/revenue?days=28&device=desktop&by=source`,
    "a cell of reasons by step": cell.replaceAll("&amp;", "&"),
    "blueprint with a baseline": `${blueprint}?days=28`,
  };
}

/** Scores of visits from a file: those who sign up give better ones. */
async function importScores(key, prompt) {
  const visits = ["visit,started_at,page,utm_source,device,converted,converted_at"];
  const answers = ["visit,answered_at,prompt,chosen"];
  for (let n = 0; n < 200; n += 1) {
    const at = Date.now() - HOUR - (n * 40 * 24 * HOUR) / 200;
    const time = (later) => new Date(at + later).toISOString();
    const [converted, score] = n % 3 ? ["", n % 11] : ["yes", 7 + (n % 4)];
    visits.push([n, time(0), "/pricing", ["newsletter", "partner"][n % 2], ["desktop", "mobile"][n % 2], converted, converted && time(240_000)].join());
    answers.push([n, time(60_000), prompt, score].join());
  }
  for (const [kind, lines] of Object.entries({ visits, answers })) {
    const file = join(service.folder, `${kind}.csv`);
    await writeFile(file, lines.join("\n"));
    await service.run("import", kind, file, "--site", key);
  }
}

/** Visits to a form two hours ago, field by field. */
async function measureForms(key) {
  const settings = `/sites/${key}/settings`;
  await owner.send(`${settings}/fields`, { measures_fields: "1" }, settings);
  for (let n = 0; n < 40; n += 1) {
    const began = Date.now() - 2 * HOUR;
    const field = (at, name, more) => [at, "field_left", { f: "signup", n: name, ms: 1_000 * (1 + (n % 5)), c: true, y: true, ...more }];
    const e = [
      [0, "page_view", { u: "/signup", r: "" }],
      [500, "form_started", { f: "signup", n: "mail" }],
      field(3_000, "mail", { w: 400 }),
      field(9_000, "phone", { w: 900, d: n % 3 }),
      ...(n % 4 ? [] : [[12_000, "form_completed", { f: "signup" }]]),
    ];
    const reply = await fetch(`${service.url}/x/i`, {
      method: "POST",
      headers: { "content-type": "text/plain;charset=UTF-8", origin: "https://shop.example", "user-agent": `Mozilla/5.0 Firefox/147.0 visitor ${n}` },
      body: JSON.stringify({ v: 1, k: key, c: 1, w: viewId(began), s: 0, t: Date.now() - began, n: "navigate", d: "", e }),
    });
    assert.equal(reply.status, 200, await reply.text());
  }
  // They are put into the figures behind their end, every ten seconds.
  const isThere = async () => (await owner.get(`/sites/${key}/reports/forms`)).text.includes(">phone<");
  for (const end = Date.now() + 60_000; !(await isThere()); ) {
    assert.ok(Date.now() < end, "figures of fields come");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** As the script makes it: time first, version 7. */
function viewId(ms) {
  const hex = ms.toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What each page has to say of itself, with the name of the page before it. */
async function readAll(options, read) {
  const context = await browser.newContext({ ...options, storageState: state });
  const page = await context.newPage();
  const found = [];
  for (const [name, path] of Object.entries(pages)) {
    const reply = await page.goto(service.url + path);
    assert.equal(reply.status(), 200, path);
    for (const one of await read(page, name)) found.push(`${name}: ${one}`);
  }
  await context.close();
  return found;
}

const unfold = (page) => page.evaluate(() => document.querySelectorAll("main details.more").forEach((one) => (one.open = true)));

for (const [where, options] of Object.entries({ "on a wide page": WIDE, "on a phone": PHONE })) {
  test(`a screen reader gets everything, axe finds nothing, and nothing is wider than the screen, ${where}`, async () => {
    const found = await readAll(options, async (page) => {
      await unfold(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      const wide = width > options.viewport.width ? [`${width} px wide`] : [];
      return [...wide, ...(await violations(page, "body")), ...(await complaints(page))];
    });
    assert.deepEqual(found, []);
  });
}

test("every menu opens within the screen", async () => {
  const site = pages["much: funnel"].split("?")[0];
  const paths = [pages["much: funnel"], pages["much: overview"], pages["much: a question"], `${site}/answers`, `${site}/prompts`, `${site}/reasons`];
  for (const width of [390, 700, 1280]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, storageState: state });
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(service.url + path);
      const menus = await page.locator("main details.menu:visible").all();
      assert.notEqual(menus.length, 0, path);
      for (const menu of menus) {
        const [left, right] = await menu.evaluate((one) => {
          one.open = true;
          const { left, right } = one.querySelector(":scope > :not(summary)").getBoundingClientRect();
          one.open = false;
          return [left, right];
        });
        assert.ok(left >= 0 && right <= width, `${path} at ${width}: “${await menu.innerText()}” from ${left} to ${right}`);
      }
    }
    await context.close();
  }
});

test("with scripts off the same is said, and everything can be sent", async () => {
  const words = {};
  await readAll(WIDE, async (page, name) => {
    words[name] = await said(page);
    return [];
  });
  const found = await readAll({ ...WIDE, javaScriptEnabled: false }, async (page, name) => {
    const idle = await page.locator("main form:not(:has(button:not([type=button])))").count();
    const now = await said(page);
    return [...(now === words[name] ? [] : [`says “${now}” and not “${words[name]}”`]), ...(idle ? [`${idle} forms without a button`] : [])];
  });
  assert.deepEqual(found, []);
});
