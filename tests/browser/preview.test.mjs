// The preview of the editor: the very card, drawn from the form as it stands, in a frame that reaches nothing.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";

let browser;
let service;
let admin;
let editor;
const complaints = [];
const asked = [];

before(async () => {
  [browser, service] = await Promise.all([launch(), startService()]);
  const owner = await signUp(service);
  const key = await owner.addSite("https://www.example.com");
  const prompts = `/sites/${key}/prompts`;
  editor = service.url + (await owner.send(prompts, { template: "exit_intent" }, `${prompts}/new`));
  admin = await owner.browse(browser);
  await admin.setViewportSize({ width: 1280, height: 900 });
  admin.on("pageerror", (error) => complaints.push(error.message));
  admin.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  admin.on("request", (request) => asked.push(request));
});
after(async () => {
  await browser.close();
  await service.stop();
});
beforeEach(async () => {
  await admin.goto(editor);
  // What one test chose for the preview is not for the next.
  await admin.evaluate(() => sessionStorage.clear());
  await admin.reload();
});

const frame = () => admin.frameLocator(".stage .as-card");
const card = () => frame().locator("exitpoll-card");
const part = (key) => admin.locator(`[data-key=${key}] > summary`).click();
const shot = (name) => process.env.SHOTS && admin.screenshot({ path: `${process.env.SHOTS}/${name}.png` });

test("what is typed stands in the card, which is the one that visitors get", async () => {
  await admin.locator("#q1-title").fill("What is in your way today?");
  await card().getByRole("heading", { name: "What is in your way today?" }).waitFor();
  await admin.getByText("More for this question").click();
  await admin.locator("#q1-help").fill("It takes a minute.");
  await card().getByText("It takes a minute.").waitFor();

  await admin.locator("button[value=add-question]").click();
  await admin.locator("#q2-title").fill("And how easy was it?");
  await admin.locator("#q2-kind").selectOption("ranking");
  await card().getByRole("heading", { name: "And how easy was it?" }).waitFor();
  await card().getByText("2 of 2").waitFor();

  assert.ok(asked.some((request) => /\/x\/u\.[0-9a-f]+\.js$/.test(request.url())), "the view");
  assert.deepEqual(complaints, []);
});

test("it is drawn although the frame was ready before the editor listened", async (t) => {
  const script = /\/app\.[^/]*js$/;
  t.after(() => admin.unroute(script));
  await admin.route(script, async (route) => {
    const isFrame = (one) => one.url().endsWith("/preview");
    const inside = admin.frames().find(isFrame) ?? (await admin.waitForEvent("framenavigated", isFrame));
    await inside.waitForLoadState("load");
    await route.continue();
  });
  await admin.reload();
  await card().waitFor();
});

test("the parts that were open are open after saving", async () => {
  const open = () => admin.locator("details.part[open]").evaluateAll((parts) => parts.map((part) => part.dataset.key));
  await part("questions");
  await part("endings");
  await part("often");

  await Promise.all([admin.waitForURL(/done=saved/), admin.getByRole("button", { name: "Save draft" }).last().click()]);

  assert.deepEqual(await open(), ["endings", "often"]);
});

test("answering in it sends nothing, and it can be shown again", async () => {
  // As large as it is: the driver finds nothing in a frame that is scaled.
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await card().getByText("Partly").click();
  const before = asked.length;
  await card().getByRole("button", { name: "Send" }).click();
  await card().getByRole("heading", { name: "Thank you" }).waitFor();
  await card().getByRole("button", { name: "Close" }).click();
  await frame().getByRole("button", { name: "Show it again" }).click();
  await card().getByRole("radio").first().waitFor();

  assert.deepEqual(asked.slice(before).map((request) => request.url()), []);
  assert.equal(asked.some((request) => request.url().endsWith("/x/i")), false);
});

test("the frame has no origin, no cookies and no way out", async () => {
  await card().waitFor();
  const inside = admin.frames().find((one) => one.url().endsWith("/preview"));
  const found = await inside.evaluate(async () => {
    const tried = async (act) => Promise.resolve().then(act).then(() => "reached", () => "refused");
    return {
      origin: self.origin,
      cookies: await tried(() => document.cookie),
      parent: await tried(() => parent.document.title),
      fetched: await tried(() => fetch("/x/i", { method: "POST", body: "{}" })),
    };
  });
  assert.deepEqual(found, { origin: "null", cookies: "refused", parent: "refused", fetched: "refused" });
  complaints.length = 0;
});

test("phone, dark page, language and wording are switches", async () => {
  await part("languages");
  await admin.locator("#new_language").fill("ar");
  await admin.locator("button[value=add-language]").click();
  await admin.locator("#in-ar .said input").first().fill("عمّ كنت تبحث؟");
  await part("wordings");
  await admin.locator("button[value=add-wording]").click();
  await admin.locator("[id='wording-b'] .said input").first().fill("Why not today?");
  await card().waitFor();

  await admin.locator("[name=preview_wording]").selectOption("b");
  await card().getByRole("heading", { name: "Why not today?" }).waitFor();
  await admin.locator("[name=preview_wording]").selectOption("");
  await admin.locator("[name=preview_language]").selectOption("ar");
  await card().getByRole("heading", { name: "عمّ كنت تبحث؟" }).waitFor();
  assert.equal(await card().getAttribute("dir"), "rtl");
  await card().getByRole("button", { name: "إرسال" }).waitFor();
  await shot("preview-arabic");

  await admin.getByRole("radio", { name: "Dark" }).check({ force: true });
  await frame().locator("exitpoll-card.dark").waitFor();
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await admin.locator(".stage.phone").waitFor();
  const inside = admin.frames().find((one) => one.url().endsWith("/preview"));
  const [width, left] = await inside.evaluate(() => [innerWidth, document.querySelector("exitpoll-card").getBoundingClientRect().left]);
  assert.ok(width <= 360 && left === 0, `a sheet of ${width} px`);
  await shot("preview-dark-phone");
  assert.deepEqual(complaints, []);
});

test("a look of its own is seen while it is chosen", async () => {
  const style = (property) => card().locator("[type=submit]").evaluate((button, name) => getComputedStyle(button)[name], property);
  // As large as it is: the driver finds nothing in a frame that is scaled.
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await card().waitFor();
  const before = await style("backgroundColor");
  await part("look");
  await admin.getByLabel("Colours, corners and font of its own").check();
  await admin.locator("#theme_light_accent").fill("#b00058");
  for (const end = Date.now() + 10_000; Date.now() < end && (await style("backgroundColor").catch(() => before)) === before; ) {
    await admin.waitForTimeout(50);
  }
  assert.equal(await style("backgroundColor"), "rgb(176, 0, 88)");
  assert.deepEqual(complaints, []);
});

test("on a phone one button opens it over the form, and Escape closes it", async (t) => {
  await admin.setViewportSize({ width: 390, height: 844 });
  t.after(() => admin.setViewportSize({ width: 1280, height: 900 }));
  const stage = admin.locator(".stage");
  assert.equal(await stage.isVisible(), false);
  await shot("editor-390");
  await admin.getByRole("button", { name: "Preview" }).click();
  await card().getByRole("radio").first().waitFor();
  assert.equal(await stage.isVisible(), true);
  await shot("preview-390");
  await admin.keyboard.press("Escape");
  assert.equal(await stage.isVisible(), false);
});

test("publishing is in reach wherever one stands in the form on a phone, and covers nothing that is worked on", async (t) => {
  await admin.setViewportSize({ width: 390, height: 844 });
  t.after(() => admin.setViewportSize({ width: 1280, height: 900 }));
  const publish = admin.getByRole("button", { name: /^Publish/ });
  await publish.click({ trial: true });
  const [bar, rail, preview] = await Promise.all(["#editor > .actions", ".rail", ".preview-open"].map((of) => admin.locator(of).boundingBox()));
  assert.ok(bar.y + bar.height <= rail.y + 1 && preview.y + preview.height <= bar.y, "one above the other");
  assert.equal(await admin.evaluate(() => scrollY), 0, "without scrolling");
  await shot("editor-bar-390");
});

test("what few questions need is folded away until it is set", async () => {
  const rare = admin.locator("#q1 details.rare");
  assert.equal(await rare.getAttribute("open"), null);
  await rare.locator("summary").click();
  await admin.getByLabel("Shuffle them").check();
  await admin.getByRole("button", { name: "Save draft" }).last().click();
  await admin.getByText("Saved.").waitFor();
  assert.equal(await rare.getAttribute("open"), "");
  assert.equal(await admin.getByLabel("Shuffle them").isChecked(), true);
});

test("a question of a link is seen as the page that it is, which sends nothing", async () => {
  await part("way");
  await admin.getByRole("radio", { name: /^A page of its own/ }).check();
  const page = admin.frameLocator(".stage .as-page");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await admin.locator("#q1-title").fill("How was the <b>talk</b>?");
  await page.getByRole("heading", { name: "How was the <b>talk</b>?" }).waitFor();
  assert.equal(await admin.locator(".stage .as-card").isVisible(), false);
  const inside = async (property) => page.locator("body").evaluate((body, name) => getComputedStyle(body)[name], property);
  assert.equal(await inside("backgroundColor"), "rgb(255, 255, 255)");
  await admin.getByRole("radio", { name: "Dark" }).check({ force: true });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await admin.waitForFunction(() => {
    const { body, defaultView } = document.querySelector(".as-page").contentDocument;
    return body?.childElementCount && defaultView.getComputedStyle(body).backgroundColor !== "rgb(255, 255, 255)";
  });
  await shot("preview-link-dark");
  assert.deepEqual(complaints, []);

  const before = asked.length;
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await page.getByRole("button").first().click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.deepEqual(asked.slice(before).filter((request) => request.method() === "POST" && !request.url().endsWith("/preview")), []);
  complaints.length = 0;

  await admin.getByRole("radio", { name: /^A card that opens/ }).check();
  await card().getByRole("radio").first().waitFor();
  assert.equal(await admin.locator(".stage .as-page").isVisible(), false);
});

test("parts say what they have set while they are folded away", async () => {
  const set = admin.locator("#set-when");
  assert.match(await set.textContent(), /as they move to leave the page/i);
  await part("when");
  await admin.locator("[name=ask_at][value=exit]").uncheck();
  await admin.locator("details.moments:has([value=page_view]) > summary").click();
  await admin.locator("[name=ask_at][value=page_view]").check();
  await admin.locator("#set-when", { hasText: "As they open a page" }).waitFor();
  await shot("editor");
});

test("what was chosen for the preview stays when a question is added or the draft is saved", async () => {
  await part("languages");
  await admin.locator("#new_language").fill("ar");
  await Promise.all([admin.waitForEvent("load"), admin.locator("button[value=add-language]").click()]);
  await part("wordings");
  await Promise.all([admin.waitForEvent("load"), admin.locator("button[value=add-wording]").click()]);
  await card().waitFor();
  await admin.getByRole("radio", { name: "Phone" }).check({ force: true });
  await admin.getByRole("radio", { name: "Dark" }).check({ force: true });
  await admin.locator("[name=preview_language]").selectOption("ar");
  await admin.locator("[name=preview_wording]").selectOption("b");
  for (const press of ["button[value=add-question]", ".actions.bar button:not(.primary)"]) {
    await Promise.all([admin.waitForEvent("load"), admin.locator(press).first().click()]);
    await admin.locator(".stage.phone").waitFor();
    await frame().locator("exitpoll-card.dark[dir=rtl]").waitFor();
    assert.equal(await admin.locator("[name=preview_wording]").inputValue(), "b");
    assert.equal(await admin.getByText("grows at the first touch").isVisible(), true);
    await shot("preview-kept");
  }
  await admin.getByRole("radio", { name: "Desktop" }).check({ force: true });
  assert.equal(await admin.getByText("grows at the first touch").isVisible(), false);
});

test("nothing stands out beside the bar that stays in sight", async () => {
  const beside = await admin.evaluate(() => {
    const bar = document.querySelector(".actions.bar").getBoundingClientRect().right;
    // A square that is turned by 45 degrees is as wide as its diagonal.
    return [...document.querySelectorAll(".part > summary")].map((summary) => {
      const { width, marginRight } = getComputedStyle(summary, "::after");
      const { paddingRight } = getComputedStyle(summary);
      const half = parseFloat(width) / 2;
      return summary.getBoundingClientRect().right - parseFloat(paddingRight) - parseFloat(marginRight) - half + half * Math.SQRT2 - bar;
    });
  });
  assert.ok(beside.length && beside.every((over) => over <= 0), JSON.stringify(beside));
});
