// The demo as a newcomer meets it: leave the sign-up unfinished, answer why, read it in the funnel.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { card, launch, leaveOverTheTop, lookAround, NO_TRACES, open, traces } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";

const CANARY = "cANARy5183";
let browser;
let service;

before(async () => {
  browser = await launch();
  service = await startService();
});
after(async () => {
  await browser.close();
  await service.stop();
});

test("an unfinished sign-up is asked about, and the answer stands in the funnel within ten seconds", async () => {
  const page = await browser.newPage();
  const sent = [];
  page.on("request", (request) => sent.push(request.url() + (request.postData() ?? "")));

  await open(page, `${service.url}/demo`);
  await open(page, `${service.url}/demo/signup`);
  await page.getByLabel("Your name").click();
  await page.keyboard.type(`${CANARY} Jones`);
  await page.getByLabel("Phone number").click();
  await page.keyboard.type(`${CANARY}0170`);
  await lookAround(page);
  await leaveOverTheTop(page);
  await card(page).waitFor();
  await card(page).getByText("I would rather not give one of the details").click();
  await card(page).getByRole("textbox").last().fill("Why the phone number?");
  const stored = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":true'));
  await card(page).getByRole("button", { name: "Send" }).click();
  await stored;
  const answeredAt = Date.now();

  const owner = await signUp(service);
  const admin = await owner.browse(browser);
  await admin.goto(`${service.url}/sites/site_demo`);
  const drop = admin.locator(".gap", { hasText: "Why the phone number?" });
  await drop.waitFor({ timeout: 10_000 - (Date.now() - answeredAt) });
  assert.match(await drop.locator(".drop h3").first().textContent(), /1 left here/);
  assert.match(await drop.locator(".reasons").first().textContent(), /detail/i);
  assert.equal(await admin.locator(".funnel .band", { hasText: /sign-up form/i }).locator(".band-n").textContent(), "1");

  await drop.locator(".verbatim a").click();
  const journey = (await admin.locator(".journey .what, .journey .sub").allTextContents()).join("\n");
  assert.match(journey, /\/demo\n/, "the page before");
  assert.match(journey, /\/demo\/signup/);
  assert.match(journey, /started/i);
  assert.match(journey, /phone/, "the last field");
  assert.match(journey, /answered/i);

  const leaks = sent.filter((text) => text.includes(CANARY));
  assert.deepEqual(leaks, []);
  assert.equal((await service.bytesOnDisk()).includes(CANARY), false);
  assert.equal(service.log().includes(CANARY), false);
  assert.deepEqual(await traces(page), NO_TRACES);
});

test("bytes until the card is open are those of the build", async (t) => {
  const context = await browser.newContext({ userAgent: "Mozilla/5.0 Chrome/156.0 Safari/537.36 bytes" });
  t.after(() => context.close());
  const page = await context.newPage();
  const wire = new Map();
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  const names = new Map();
  network.on("Network.responseReceived", ({ requestId, response }) => names.set(requestId, new URL(response.url).pathname));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => wire.set(requestId, encodedDataLength));

  await open(page, `${service.url}/demo/signup`);
  await page.getByLabel("Your name").click();
  await page.keyboard.type("Somebody");
  await lookAround(page);
  await leaveOverTheTop(page);
  await card(page).waitFor();

  const ours = [...wire].filter(([id]) => /^\/x\/.*\.js$/.test(names.get(id) ?? "")).map(([id, bytes]) => [names.get(id), bytes]);
  const total = ours.reduce((sum, [, bytes]) => sum + bytes, 0);
  for (const [name, bytes] of ours) t.diagnostic(`${name}: ${bytes} B on the wire, headers included`);
  t.diagnostic(`until the card is open: ${total} B`);
  const sizes = JSON.parse(await readFile(new URL("../../widget/dist/sizes.json", import.meta.url)));
  assert.equal(ours.length, 2, "the core and the view, each once");
  assert.ok(sizes.core.brotli <= 4_096 && sizes.view.brotli <= 5_120, "within the figures");
  // The configuration inside the core and the headers of two responses come on top.
  assert.ok(total < sizes.core.brotli + sizes.view.brotli + 2_500, `${total} B on the wire`);
});
