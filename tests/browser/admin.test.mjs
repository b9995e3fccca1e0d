// An owner's first hour, through the pages only: set up, add a site, allow its address, choose goals, write a question, read answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { card, launch, leaveOverTheTop, lookAround, open } from "./support/browser.mjs";
import { EMAIL, PASSWORD } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const QUESTION = "What is in your way today?";
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

test("from the first visit to a live answer and the owner's own test", async (t) => {
  const admin = await browser.newPage();
  const complaints = [];
  admin.on("pageerror", (error) => complaints.push(error.message));
  admin.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const visitor = await browser.newPage();
  let site;
  let editor;

  await t.test("the first visit from this machine offers set-up", async () => {
    await admin.goto(service.url);
    await admin.getByLabel("E-mail").fill(EMAIL);
    await admin.getByLabel("Password").fill(PASSWORD);
    await admin.getByRole("button", { name: "Create account" }).click();
    await admin.goto(`${service.url}/sites/new`);
    await admin.getByLabel("Name").fill("Desk shop");
    await admin.getByLabel("Address").fill("https://www.example.com");
    await admin.getByRole("button", { name: "Add site" }).click();
    await admin.waitForURL(/\/sites\/site_/);
    site = /^(.*\/sites\/site_[a-z0-9]+)/.exec(admin.url())[1];
  });

  await t.test("an address that is not listed is refused, shown, and allowed with one click", async () => {
    await admin.goto(`${site}/settings`);
    shop.snippet = await admin.locator("#snippet").textContent();
    const refused = visitor.waitForResponse((response) => response.url().endsWith("/x/i"));
    await visitor.goto(`${shop.origin}/pricing`);
    assert.equal((await refused).status(), 403);

    const told = admin.getByText(`Seen at ${shop.origin}, refused`);
    // It is written down behind the reply.
    do await admin.reload();
    while (!(await told.count()));
    await admin.getByRole("button", { name: /^Allow/ }).first().click();
    await open(visitor, `${shop.origin}/pricing`);
    await admin.getByText(/Installed\. Last event/).waitFor();
  });

  await t.test("goals are chosen from what the site was seen to have", async () => {
    await admin.goto(`${site}/goals`);
    assert.ok(await admin.locator("datalist option[value='/pricing']").count());
    for (const [name, role, kind, subject] of [
      ["Signed up", "macro", "form_completed", "signup"],
      ["Pricing viewed", "milestone", "url", "/pricing"],
    ]) {
      const form = admin.locator("#add form");
      await form.locator("[name=name]").fill(name);
      await choose(form.locator("[name=role]"), role);
      await choose(form.locator("[name=kind]"), kind);
      await form.locator("[name=subject]").fill(subject);
      await form.getByRole("button", { name: "Add goal" }).click();
      await admin.getByRole("link", { name, exact: true }).first().waitFor();
    }
  });

  await t.test("a question made from a template asks at once, in the owner's words", async () => {
    await admin.goto(`${site}/prompts/new`);
    await choose(admin.locator("[name=template]"), "exit_intent");
    await admin.getByRole("button", { name: "Continue" }).click();
    await admin.locator("#q1-title").fill(QUESTION);
    const preview = admin.frameLocator(".stage .as-card").locator("exitpoll-card");
    await preview.getByRole("heading", { name: QUESTION }).waitFor();
    await admin.getByText("More for this question").click();
    await admin.locator("#q1-help").fill("It takes a minute.");
    await preview.getByText("It takes a minute.").waitFor();
    for (const part of ["who", "where"]) await admin.locator(`[data-key=${part}] > summary`).click();
    await admin.locator("#address_1").fill("/pricing");
    await admin.locator("#sentence", { hasText: "on addresses that begin with /pricing, at most once a visit" }).waitFor();
    await admin.locator("#address_1").fill("");
    const subject = admin.locator("#after_subject");
    assert.equal(await subject.isVisible(), false, "nothing is named yet");
    await admin.locator("#after").selectOption("url");
    assert.equal(await subject.isVisible(), true);
    await admin.locator("#after").selectOption("");
    await admin.getByRole("button", { name: "Publish" }).click();
    await admin.getByText("Version 1").first().waitFor();
    editor = admin.url();

    // The browser still holds the script of before: the first reply brings the question.
    await open(visitor, `${shop.origin}/pricing`);
    await lookAround(visitor);
    await leaveOverTheTop(visitor);
    await card(visitor).getByText(QUESTION).waitFor();
  });

  await t.test("the answer arrives on the open page of answers", async () => {
    await admin.goto(`${site}/answers?automated=1`);
    await card(visitor).getByRole("radio").first().check({ force: true });
    await card(visitor).getByRole("button", { name: "Send" }).click();
    await admin.locator("ul.answers > li").first().waitFor();
  });

  await t.test("the link asks the owner again, and marks the answer as a test", async () => {
    await admin.goto(editor);
    const link = await admin.getByRole("link", { name: "Ask me again" }).getAttribute("href");
    const url = new URL(link);
    const page = await browser.newPage();
    await open(page, `${shop.origin}/pricing${url.search}`);
    await lookAround(page, 6_000);
    await leaveOverTheTop(page);
    await card(page).getByRole("radio").first().check({ force: true });
    const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":true'));
    await card(page).getByRole("button", { name: "Send" }).click();
    await sent;

    await admin.goto(`${site}/answers`);
    assert.match(await admin.locator("ul.answers > li").first().textContent(), /test/);
  });

  assert.deepEqual(complaints, [], "no page of the admin complains");
});

/** Chooses a value of a select or of a group of radio buttons. */
async function choose(field, value) {
  if ((await field.first().evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
  else await field.and(field.page().locator(`[value="${value}"]`)).check({ force: true });
}
