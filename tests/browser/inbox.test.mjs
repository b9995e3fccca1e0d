// The inbox in a browser without scripts: search, narrow, star, tag, download, delete.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { violations } from "./support/check.mjs";
import { EMAIL, PASSWORD, signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";

let browser;
let service;
let owner;
let key;
let admin;

before(async () => {
  [browser, service] = await Promise.all([launch(), startService()]);
  owner = await signUp(service);
  key = await owner.addSite("https://shop.example");
  const prompt = await owner.addPrompt(key, "nps");
  const editor = await owner.browse(browser);
  await editor.goto(`${service.url}/sites/${key}/prompts/${prompt}`);
  const way = editor.locator("[data-key=way]");
  if (!(await way.evaluate((part) => part.open))) await way.locator("summary").first().click();
  await editor.getByLabel("A page of its own, with a link").check();
  await editor.getByRole("button", { name: /^Publish/ }).click();
  await editor.getByText("Published. Visitors get it").waitFor();
  const link = await editor.locator("#link").textContent();
  await answer(link, "Die RÄNDER sind zu schmal");
  await answer(link, "=1+1, \"quoted\"");
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  admin = await context.newPage();
  await admin.goto(`${service.url}/sign-in`);
  await admin.getByLabel("E-mail").fill(EMAIL);
  await admin.getByLabel("Password").fill(PASSWORD);
  await admin.getByRole("button", { name: "Sign in" }).click();
});
after(async () => {
  await browser.close();
  await service.stop();
});

/** A visitor of the link, with a browser of their own so that they are somebody else. */
async function answer(link, words) {
  const context = await browser.newContext({ javaScriptEnabled: false, userAgent: `Mozilla/5.0 ${words.length}` });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("radio", { name: "9 / 10" }).check({ force: true });
  while (await page.locator("form").count()) {
    const field = page.locator("textarea").first();
    if (await field.count()) await field.fill(words);
    await page.getByRole("button").first().click();
  }
  await context.close();
}

test("search, star, tag, narrow, download and delete", async (t) => {
  const list = `${service.url}/sites/${key}/answers`;
  const rows = admin.locator("ul.answers > li");
  const count = (words) => admin.getByRole("heading", { level: 1, name: words, exact: true }).waitFor();

  await t.test("words are found in any case", async () => {
    await admin.goto(`${list}?automated=1`);
    await count("2 answers");
    await admin.getByLabel("Search what visitors wrote").fill("ränder");
    await admin.getByRole("button", { name: "Search" }).click();
    await count("1 answer");
  });

  await t.test("a star is one click and stays in the list as it was narrowed", async () => {
    await rows.getByRole("button", { name: /^Star/ }).click();
    assert.equal(await rows.getByRole("button", { name: /^Star/ }).getAttribute("aria-pressed"), "true");
    assert.match(admin.url(), /q=r%C3%A4nder.*#imp_/);
    await count("1 answer");
  });

  await t.test("a tag is written, suggested, and narrows the list", async () => {
    await rows.locator("summary", { hasText: "Tag" }).click();
    await rows.getByLabel("Add tags, with commas between").fill("Layout, print");
    await rows.getByRole("button", { name: "Add" }).click();
    await rows.getByRole("link", { name: "Layout" }).click();
    await admin.getByRole("link", { name: /^Tag: Layout/ }).waitFor();
    await count("1 answer");
    assert.equal(await admin.locator("#tags option[value=print]").count(), 1);
  });

  await t.test("filters combine and are taken away one by one", async () => {
    await admin.locator("summary", { hasText: "Filters (1)" }).click();
    await admin.getByLabel("Kind").selectOption({ label: "Late" });
    await admin.getByRole("button", { name: "Show these answers" }).click();
    await count("0 answers");
    await admin.getByText("No answer meets all of these filters").waitFor();
    await admin.getByRole("link", { name: /^Late/ }).click();
    await count("1 answer");
    await admin.getByRole("link", { name: /^Tag: Layout/ }).click();
    await count("2 answers");
  });

  await t.test("the table holds what is listed", async () => {
    const download = admin.waitForEvent("download");
    await admin.getByRole("link", { name: "CSV" }).click();
    const table = await readFile(await (await download).path(), "utf8");
    assert.match(table, /^answer,answered_at,/);
    assert.ok(table.includes('=1+1, ""quoted"""'), table);
    assert.ok(table.includes('"Layout, print"'), table);
  });

  await t.test("tags are renamed on a page of their own", async () => {
    await admin.getByRole("link", { name: "Tags", exact: true }).click();
    await admin.locator("summary", { hasText: "Change print" }).click();
    const row = admin.locator("tr").filter({ has: admin.locator("th", { hasText: "print" }) });
    await row.getByLabel("Name").fill("Paper");
    await row.getByRole("button", { name: "Rename" }).click();
    await admin.locator("th", { hasText: "Paper" }).waitFor();
  });

  await t.test("nothing stands in the way of assistive technology", async () => {
    const seen = await owner.browse(browser);
    for (const path of ["answers", "answers?q=r%C3%A4nder&words=1", "answers?state=late", "tags"]) {
      await seen.goto(`${service.url}/sites/${key}/${path}`);
      await seen.locator("summary", { hasText: /Filters|Change Layout/ }).click();
      assert.deepEqual(await violations(seen, "main"), [], path);
    }
  });

  await t.test("deleting takes star and tags along", async () => {
    await admin.goto(`${list}?starred=1`);
    await rows.locator("summary", { hasText: "Delete" }).click();
    await rows.getByRole("button", { name: "Delete this answer" }).click();
    await count("0 answers");
    await admin.goto(`${service.url}/sites/${key}/tags`);
    assert.match(await admin.locator("tbody").textContent(), /Layout\s*0/);
  });
});
