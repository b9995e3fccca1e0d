// The service behind a path of the customer's own origin, through a real reverse proxy: nothing else is reached from the page.
import assert from "node:assert/strict";
import { createServer, request as send } from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { card, launch, open } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

const PREFIX = "/any/prefix";
let browser;
let service;
let shop;
before(async () => {
  browser = await launch();
  service = await startService({ env: { EXITPOLL_TRUSTED_PROXIES: "127.0.0.1" } });
  shop = await startShop();
});
after(async () => {
  await browser.close();
  shop.stop();
  await service.stop();
});

/** Hands `/any/prefix/x/…` to the service as `/x/…`, and all else to the shop, as the proxy of a site would. */
async function startFront() {
  const server = createServer((incoming, outgoing) => {
    const isOurs = incoming.url.startsWith(`${PREFIX}/x/`);
    const target = new URL(isOurs ? incoming.url.slice(PREFIX.length) : incoming.url, isOurs ? service.url : shop.origin);
    const headers = { ...incoming.headers, "x-forwarded-for": "203.0.113.7" };
    const upstream = send(target, { method: incoming.method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    upstream.on("error", () => outgoing.destroy());
    incoming.pipe(upstream);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("behind a path of the site's own origin the script, its card and its answers work, under a policy of that origin alone", async (t) => {
  const front = await startFront();
  t.after(() => front.stop());
  const owner = await signUp(service);
  const key = await owner.addSite(front.origin);
  await owner.addFunnel(key);
  const prompt = await owner.addPrompt(key, "pricing_viewed");
  shop.snippet = `<script async src="${PREFIX}/x/${key}.js"></script>`;
  shop.headers = { "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'" };
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors = [];
  const asked = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !message.text().includes("favicon") && errors.push(message.text()));
  page.on("request", (request) => asked.push(new URL(request.url())));

  assert.ok(await open(page, `${front.origin}/pricing`), "the first request is answered with its visit");
  await page.evaluate((id) => exitpoll("show", id), prompt);
  await card(page).getByText("Too expensive").click();
  const sent = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"a":['));
  await card(page).getByRole("button", { name: "Send" }).click();
  assert.equal((await sent).status(), 200);

  assert.deepEqual([...new Set(asked.map(({ origin }) => origin))], [front.origin]);
  const ours = asked.map(({ pathname }) => pathname).filter((path) => path.includes("/x/"));
  assert.deepEqual(ours.filter((path) => !path.startsWith(`${PREFIX}/x/`)), []);
  assert.ok(ours.some((path) => /\/u\.\w+\.js$/.test(path)), "the file of the card too");
  assert.deepEqual(errors, []);
  const answers = await owner.get(`/sites/${key}/answers`);
  assert.match(answers.text, /too expensive/);
});
