// A moment that few questions use, from the editor to the card on a page of another origin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { card, launch, open } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

let browser;
let service;
let shop;

before(async () => {
  [browser, service, shop] = await Promise.all([launch(), startService(), startShop()]);
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

test("asked once the visitor has scrolled as far as the owner wants", async () => {
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  const prompts = `/sites/${key}/prompts`;
  const editor = await owner.send(prompts, { template: "exit_intent" }, `${prompts}/new`);
  const admin = await owner.browse(browser);
  await admin.goto(service.url + editor);
  await admin.locator("[data-key=when] > summary").click();
  const percent = admin.locator("#scroll_percent");
  await admin.locator("[name=ask_at][value=exit]").uncheck();
  await admin.locator("summary", { hasText: "Reading" }).click();
  assert.equal(await percent.isVisible(), false, "nothing is asked about a moment that is not chosen");
  await admin.locator("[name=ask_at][value=scroll]").check();
  await percent.fill("80");
  await admin.locator("#sentence", { hasText: "once they have scrolled to 80 %" }).waitFor();
  await admin.getByRole("button", { name: "Publish" }).click();
  await admin.getByText("Version 1").first().waitFor();
  assert.equal(await percent.inputValue(), "80");

  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;
  const visitor = await browser.newPage();
  const loaded = visitor.waitForResponse((response) => /\/x\/m\./.test(response.url()));
  await open(visitor, `${shop.origin}/pricing`);
  assert.equal((await loaded).status(), 200);
  await visitor.waitForTimeout(2_500);
  assert.equal(await card(visitor).count(), 0, "not at the top of the page");
  await visitor.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await card(visitor).waitFor();
});
