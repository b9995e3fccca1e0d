// The owner points at what should count, on a site of another origin with a strict policy; a later visitor is counted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, started } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { somebodyOn, startStrictSite } from "./support/strict_site.mjs";

const BODY = `<nav><a href="/">Home</a> <a href="/pricing">Pricing</a></nav>
<h1>Desks</h1>
<p><a id="trial" href="/signup">Start free trial</a></p>
<div id="plans"><div class="card" id="pro"><b>Pro plan</b></div></div>
<form id="signup" action="/signup" method="post"><label>Name <input name="name"></label><button>Create account</button></form>
<div id="ask-us"><input name="topic" aria-label="Topic"><input name="phone" aria-label="Phone"></div>
<p id="clicked"></p>
<script nonce="n0nce">document.addEventListener('click', () => { document.getElementById('clicked').textContent = 'the page was clicked'; });</script>`;

let service;
let owner;
let browser;
let site;
let key;

before(async () => {
  service = await startService();
  owner = await signUp(service);
  site = await startStrictSite(service, () => key, BODY);
  key = await owner.addSite(site.origin);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  site?.stop();
  await service?.stop();
});

/** A page of a visitor whom the service does not take for a program or for the owner. */
async function newVisitor(name) {
  const page = await somebodyOn(browser, name);
  await page.context().addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  return page;
}

/** Follows the link of the goals page. */
async function openPicker(name) {
  const { text } = await owner.get(`/sites/${key}/goals`);
  const link = /href="([^"]*exitpoll_test=[^"]*)"/.exec(text)[1];
  const page = await newVisitor(name);
  await page.goto(link);
  await page.getByRole("heading", { name: "Pick what should count" }).waitFor();
  return page;
}

const goals = async () => {
  const { text } = await owner.get(`/sites/${key}/goals`);
  return text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
};

/** A visit that clicks once, on a page that stays; done when the service has it. */
async function visitAndClick(name, selector) {
  const page = await newVisitor(name);
  await started(page, () => page.goto(`${site.origin}/`));
  await page.locator("#trial").evaluate((link) => link.addEventListener("click", (event) => event.preventDefault()));
  const told = page.waitForResponse((response) => response.url().endsWith("/x/i") && response.request().postData().includes('"click"'));
  // The file that knows selectors comes a moment after the page: a visitor who clicks before it does is not told of.
  const isTold = told.then(() => true);
  while (!(await Promise.race([page.locator(selector).click().then(() => page.waitForTimeout(500)), isTold])));
  await (await told).finished();
  await page.context().close();
}

/** The goals page as soon as earlier visits are counted again by a goal that was saved just now. */
async function recounted(pattern) {
  for (const end = Date.now() + 20_000; ; ) {
    const text = await goals();
    if (pattern.test(text) || Date.now() > end) return text;
    await new Promise((done) => setTimeout(done, 100));
  }
}

test("a link is picked by pointer, counted, named, saved, and reached by a later visitor", async () => {
  await visitAndClick("earlier", "#trial");
  const page = await openPicker("owner by pointer");

  await page.locator("#trial").hover();
  await page.getByRole("status").filter({ hasText: "Link “Start free trial” to /signup" }).waitFor();
  await page.getByRole("button", { name: "Create account" }).hover();
  await page.getByRole("status").filter({ hasText: "Button of the form “signup”" }).waitFor();
  await page.locator("#trial").click();

  await page.getByRole("radio", { name: /Clicked “Start free trial” \(link to \/signup\).*Happened \d+.times? in the last 7 days, in the only visit/ }).waitFor();
  await page.getByRole("status").filter({ hasText: /Happened \d/ }).waitFor();
  assert.equal(page.url().split("?")[0], `${site.origin}/`, "the link was not followed");
  assert.equal(await page.locator("#clicked").textContent(), "", "the page did not see the click");
  await page.getByLabel("Name", { exact: true }).last().fill("Wants a trial");
  await page.getByRole("radio", { name: /^Signal/ }).check();
  await page.getByRole("button", { name: "Save goal" }).click();

  await page.getByRole("heading", { name: "Saved" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Back to Exitpoll" }).getAttribute("href"), `${service.url}/sites/${key}/goals`);
  assert.match(await recounted(/Signal 1/), /Wants a trial Clicked “Start free trial” \(link to \/signup\) Signal 1/, "the earlier visit counts");

  await page.getByRole("button", { name: "Close" }).click();
  assert.equal(await page.locator("exitpoll-pick").count(), 0);
  await page.locator("#trial").evaluate((link) => link.addEventListener("click", (event) => event.preventDefault()));
  await page.locator("#trial").click();
  assert.equal(await page.locator("#clicked").textContent(), "the page was clicked", "the page is as it was");
  assert.deepEqual(page.problems, []);
  await page.context().close();

  assert.match(await goals(), /Wants a trial .*? Signal 1/, "the owner's own click does not count");
  await visitAndClick("later", "#trial");
  assert.match(await goals(), /Wants a trial .*? Signal 2/);
});

test("any element is picked by keyboard, and a later visitor is counted by its selector", async () => {
  const page = await openPicker("owner by keyboard");
  const heading = page.getByRole("heading", { name: "Pick what should count" });
  assert.ok(await heading.evaluate((element) => element.getRootNode().activeElement === element), "the keyboard begins in the picker");
  await page.locator("#trial").focus();
  await page.getByRole("status").filter({ hasText: "Start free trial" }).waitFor();
  for (const move of ["ArrowUp", "ArrowRight", "ArrowDown"]) await page.keyboard.press(move);
  await page.getByRole("status").filter({ hasText: "Element #pro" }).waitFor();
  await page.keyboard.press("Enter");

  await page.getByRole("radio", { name: /Clicked the element #pro.*recorded once you save/ }).waitFor();
  await page.getByLabel("Name", { exact: true }).last().fill("Looked at Pro");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Saved" }).waitFor();
  assert.match(await goals(), /Looked at Pro Clicked the element #pro Step/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("exitpoll-pick").count(), 0);
  assert.deepEqual(page.problems, []);
  await page.context().close();

  await visitAndClick("reads about Pro", "#pro b");
  assert.match(await goals(), /Looked at Pro Clicked the element #pro Step · key 1/);
});

test("a field offers its form; fields without one are told how to become one", async () => {
  const page = await openPicker("owner with forms");
  await page.getByLabel("Name", { exact: true }).first().click();
  await page.getByRole("radio", { name: "Form “signup” is started" }).waitFor();
  assert.ok(await page.getByRole("radio", { name: "Form “signup” is completed" }).isVisible());
  await page.getByRole("button", { name: "Pick another" }).click();
  await page.getByLabel("Topic").click();
  await page.getByText('data-exitpoll-form="ask-us"').waitFor();
  assert.ok(await page.getByText("These 2 fields are in no form").isVisible());
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("fields in no form are offered unasked as the picker opens, each group with how to mark it", async () => {
  const page = await openPicker("owner with loose fields");
  const offered = page.locator("exitpoll-pick .advice");
  assert.equal(await offered.count(), 1, "the fields of the form and of the picker are none");
  assert.match(await offered.innerText(), /These 2 fields are in no form[^]*<div>[^]*data-exitpoll-form="ask-us"/);
  await offered.getByRole("button", { name: "Show" }).click();
  const [box, fields] = await page.evaluate(() => {
    const { host, around } = { host: document.querySelector("exitpoll-pick"), around: document.querySelector("#ask-us") };
    const place = (element) => Math.round(element.getBoundingClientRect().top);
    return [place(host.shadowRoot.querySelector(".box")), place(around)];
  });
  assert.equal(box, fields - 3, "the group is outlined");

  // Rendered later: a second group without an id, one of a single field, and one that is marked already.
  await page.evaluate(() => {
    const add = (attributes, ...fields) => {
      const around = document.createElement("div");
      for (const [name, value] of Object.entries(attributes)) around.setAttribute(name, value);
      around.append(...fields.map((name) => document.createElement(name)));
      document.querySelector("h1").after(around);
    };
    add({ class: "cart" }, "input", "select");
    add({}, "input");
    add({ "data-exitpoll-form": "known" }, "input", "input");
    add({ hidden: "" }, "input", "input");
  });
  await page.getByRole("button", { name: "Browse the page" }).click();
  await page.getByRole("button", { name: "Pick again" }).click();
  assert.deepEqual(await offered.locator("code").allInnerTexts(), ['data-exitpoll-form="my-form"', 'data-exitpoll-form="ask-us"']);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the page can be used in between, and its links keep the picker", async () => {
  const page = await openPicker("owner walks on");
  await page.getByRole("button", { name: "Browse the page" }).click();
  await page.getByRole("link", { name: "Pricing" }).click();
  await page.waitForURL((url) => url.pathname === "/pricing");
  await page.getByRole("heading", { name: "Pick what should count" }).waitFor();
  await page.context().close();
});

test("a stranger with an old or made-up link sees no picker", async () => {
  const page = await newVisitor("stranger");
  await started(page, () => page.goto(`${site.origin}/?exitpoll_test=made-up`));
  await page.waitForTimeout(3_500);
  assert.equal(await page.locator("exitpoll-pick").count(), 0);
  await page.context().close();
});
