// A page with Prototype.js 1.6: its `toJSON` on arrays makes a text of every list that `JSON.stringify` meets.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { card, launch, open } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

// The library itself is in no registry; these are its rules for what becomes JSON.
const LIBRARY = `<script>
  Object.toJSON = function (object) {
    if (object === undefined || typeof object === "function") return undefined;
    if (object === null || typeof object === "boolean") return String(object);
    if (object.toJSON) return object.toJSON();
    var results = [];
    for (var property in object) {
      var value = Object.toJSON(object[property]);
      if (value !== undefined) results.push(property.toJSON() + ": " + value);
    }
    return "{" + results.join(", ") + "}";
  };
  Array.prototype.toJSON = function () { return "[" + Array.from(this).map(Object.toJSON).filter(function (text) { return text !== undefined; }).join(", ") + "]"; };
  String.prototype.toJSON = function () { return '"' + this.replace(/[\\\\"]/g, "\\\\$&").replace(/[\\x00-\\x1f]/g, " ") + '"'; };
  Number.prototype.toJSON = function () { return isFinite(this) ? this.toString() : "null"; };
</script>`;

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

test("a visit and its answer are recorded, and the page is left alone", async (t) => {
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  const prompt = await owner.addPrompt(key, "pricing_viewed");
  shop.snippet = `${LIBRARY}<script async src="${service.url}/x/${key}.js"></script>`;
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));

  assert.ok(await open(page, `${shop.origin}/pricing`), "the first request is answered with its visit");
  assert.equal(await page.evaluate(() => JSON.stringify({ list: [1, ["a"]] })), '{"list":"[1, [\\"a\\"]]"}', "the library is in force");
  await page.evaluate((id) => exitpoll("show", id), prompt);
  await card(page).getByText("Too expensive").click();
  const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"a":"['));
  await card(page).getByRole("button", { name: "Send" }).click();
  assert.equal((await sent).status(), 200);

  assert.deepEqual(errors, []);
  const answers = await owner.get(`/sites/${key}/answers`);
  assert.match(answers.text, /too expensive/);
});
