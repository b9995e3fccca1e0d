// The owner looks why questions do or do not show, on a site of another origin with a strict policy.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { card, launch, started } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { somebodyOn, startStrictSite } from "./support/strict_site.mjs";

const require = createRequire(new URL("../../widget/package.json", import.meta.url));
const BODY = `<nav><a href="/">Home</a> <a href="/pricing">Pricing</a> <a href="/blog">Blog</a></nav><h1>Desks</h1>`;

let service;
let owner;
let browser;
let site;
let key;
let prompt;

before(async () => {
  service = await startService();
  owner = await signUp(service);
  site = await startStrictSite(service, () => key, BODY);
  key = await owner.addSite(site.origin);
  await owner.addFunnel(key);
  prompt = await owner.addPrompt(key, "pricing_viewed");
  browser = await launch();
});

after(async () => {
  await browser?.close();
  site?.stop();
  await service?.stop();
});

/** A page of somebody of their own, with what went wrong in it and the files of ours that it loaded. */
async function somebody(t, name, options = {}) {
  const page = await somebodyOn(browser, name, { viewport: { width: 1200, height: 800 }, ...options });
  t.after(() => page.context().close());
  page.files = [];
  page.on("request", (request) => request.url().includes("/x/") && page.files.push(new URL(request.url()).pathname));
  return page;
}

/** The token of the link that stands on the page of the question. */
async function token() {
  const { text } = await owner.get(`/sites/${key}/prompts/${prompt}/why`);
  return /href="[^"]*exitpoll_test=([^"]*)"/.exec(text)[1];
}

const panel = (page) => page.getByRole("region", { name: "Exitpoll: why did it not show?" });

async function openPanel(page, path = "/") {
  await page.goto(`${site.origin}${path}?exitpoll_test=${await token()}`);
  await panel(page).getByText("As of").waitFor();
  return panel(page);
}

/** A rule as it stands: its mark, and its words. */
const rule = (page, mark, words) => panel(page).getByRole("listitem").filter({ has: page.getByRole("img", { name: mark }), hasText: words });

test("the link stands on the page of the question and opens where it is met soonest", async (t) => {
  const { text } = await owner.get(`/sites/${key}/prompts/${prompt}/why`);
  const link = /href="([^"]*exitpoll_test=[^"]*)"/.exec(text)[1];
  assert.ok(link.startsWith(`${site.origin}/pricing?exitpoll_test=`), link);
  const page = await somebody(t, "follows the link");
  await page.goto(link);
  await panel(page).getByText("As of").waitFor();
  assert.deepEqual(page.problems, []);
});

test("the panel comes with the reply to the first batch, whatever was open before, and does not wait for the script's next look", async (t) => {
  const page = await somebody(t, "does not wait");
  await started(page, () => page.goto(`${site.origin}/blog`));
  // The script looks at intervals. There is none on this page.
  await page.addInitScript(() => (globalThis.setInterval = () => 0));
  await page.goto(`${site.origin}/pricing?exitpoll_test=${await token()}`);
  await panel(page).getByText("As of").waitFor();
  assert.deepEqual(page.problems, []);
});

test("every rule changes as it happens, and what was decided is told in the words of the page", async (t) => {
  const page = await somebody(t, "watches");
  await openPanel(page);
  await panel(page).getByText("Held back: This visit has not come that far").waitFor();
  await rule(page, "Not yet", "After a goal").waitFor();
  await rule(page, "Met", "Expected goal not reached").waitFor();
  await rule(page, "Not yet", "Went on to another page: waiting").waitFor();
  await panel(page).getByText("page_view /").first().waitFor();

  await page.getByRole("link", { name: "Pricing" }).click();
  await page.waitForURL((url) => url.pathname === "/pricing" && url.searchParams.has("exitpoll_test"));
  await rule(page, "Met", "After a goal").waitFor();
  await panel(page).getByText("Opens at its moment").waitFor();

  await page.getByRole("link", { name: "Blog" }).click();
  await card(page).waitFor();
  await rule(page, "Met", /Went on to another page: came at \d\d:\d\d:\d\d/).waitFor();
  await panel(page).getByText(/Last: \d\d:\d\d:\d\d Went on to another page: opened/).waitFor();
  await rule(page, "Speaks against it", "Once a visit").waitFor();
  await panel(page).getByText("eligible").first().waitFor();

  await card(page).getByRole("button", { name: "Close" }).click();
  await panel(page).getByText(/Last: .* closed/).waitFor();
  await rule(page, "Speaks against it", "Left in peace after a question").waitFor();
  await panel(page).getByText("Held back: Already asked in this visit").waitFor();

  await page.evaluate(() => globalThis.exitpoll("form_complete", "signup"));
  await rule(page, "Speaks against it", "Expected goal not reached").waitFor();
  await panel(page).getByText("Held back: This visit has already done it").waitFor();
  assert.deepEqual(page.problems, []);
});

test("a question fired by hand opens whatever the rules say, and its answer is a test that no figure counts", async (t) => {
  const page = await somebody(t, "fires");
  await openPanel(page);
  await panel(page).getByText("Held back: This visit has not come that far").waitFor();
  await panel(page).getByRole("button", { name: "Fire now: Pricing" }).click();
  await card(page).getByText("Too expensive").click();
  await card(page).getByRole("textbox").last().fill("Written by the owner");
  await card(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText(/Last: .* Opened by hand: answered/).waitFor();
  assert.ok(!(await panel(page).textContent()).includes("Written by the owner"), "names, never values");

  const { text } = await owner.get(`/sites/${key}/prompts/${prompt}/report?automated=1`);
  assert.match(text, /Nobody could be asked in these days/);
  assert.match(text, /Written by the owner[\s\S]*?<span class="badge ">test<\/span>/);
  const why = await owner.get(`/sites/${key}/prompts/${prompt}/why?automated=1`);
  assert.match(why.text, /No visit came to the moment in these days/);
  assert.deepEqual(page.problems, []);
});

test("the question whose page has the link is the one that is open", async (t) => {
  const other = await owner.addPrompt(key, "exit_intent");
  t.after(() => owner.send(`/sites/${key}/prompts/${other}/archive`, {}, `/sites/${key}/prompts/${other}`).catch(() => {}));
  for (const [id, open] of [[prompt, "Pricing"], [other, "About to leave"]]) {
    const { text } = await owner.get(`/sites/${key}/prompts/${id}/why`);
    const link = /href="([^"]*exitpoll_test=[^"]*)"/.exec(text)[1].replace(/&(amp|#38);/g, "&");
    const page = await somebody(t, `comes from ${open}`);
    await page.goto(link);
    await panel(page).getByText("As of").waitFor();
    const names = await page.locator("exitpoll-debug details[open] summary b").allTextContents();
    assert.equal(names.length, 1);
    assert.match(names[0], new RegExp(open, "i"));
  }
});

test("it can be folded, moved and closed by keyboard, and axe finds nothing", async (t) => {
  for (const [name, options] of [
    ["light", {}],
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ]) {
    // The tool that looks is evaluated in the page, which the policy of the site forbids.
    const page = await somebody(t, `keyboard ${name}`, { bypassCSP: true, ...options });
    const shown = await openPanel(page);
    await page.evaluate(await readFile(require.resolve("axe-core/axe.min.js"), "utf8"));
    const found = await page.evaluate(async () => {
      const { violations } = await globalThis.axe.run("exitpoll-debug", { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
    assert.deepEqual(found, [], name);
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/debug-${name}.png` });
    const before = await shown.boundingBox();
    if (name !== "phone") {
      await shown.getByRole("button", { name: "Move right" }).press("Enter");
      assert.ok((await shown.boundingBox()).x > before.x);
    }
    await shown.getByRole("button", { name: "Fold", exact: true }).press("Space");
    await shown.getByText("As of").waitFor({ state: "hidden" });
    assert.ok((await shown.boundingBox()).height < 100);
    await shown.getByRole("button", { name: "Unfold" }).press("Enter");
    await shown.getByText("As of").waitFor();
    await shown.getByRole("button", { name: "Close" }).press("Enter");
    assert.equal(await page.locator("exitpoll-debug").count(), 0);
    assert.deepEqual(page.problems, []);
  }
});

test("no ordinary page asks for the panel, and a made-up link opens none", async (t) => {
  for (const query of ["", "?exitpoll_test=made-up"]) {
    const page = await somebody(t, `stranger ${query.length}`);
    await started(page, () => page.goto(`${site.origin}/${query}`));
    await page.waitForTimeout(3_500);
    assert.equal(await page.locator("exitpoll-debug").count(), 0);
    assert.deepEqual(page.files.filter((file) => file.startsWith("/x/w") ), [], query);
  }
});

test("in the console, without a link, the script tells what it knows of itself", async (t) => {
  const page = await somebody(t, "developer");
  await started(page, () => page.goto(`${site.origin}/pricing`));
  const tables = [];
  page.on("console", async (message) => message.type() === "table" && tables.push(message.args()[0].jsonValue()));
  await page.evaluate(() => globalThis.exitpoll("debug"));
  while (!tables[0]) await page.waitForEvent("console");
  const told = await tables[0];
  assert.equal(told.site, key);
  assert.equal(told.consent, "none: nothing is stored");
  assert.match(told["page load"], /^[0-9a-f]{32}$/);
  assert.equal(told[Object.keys(told).find((name) => name.startsWith(`question ${prompt}`))], "waits for its moment");
  assert.ok(!page.files.some((file) => file.startsWith("/x/w")));
});
