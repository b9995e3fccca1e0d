// Who is asked, left unasked or not among the sample, and which wording is read: by real page loads. EXITPOLL_LOADS sets how many.
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";
import { startShop } from "./support/shop.mjs";

/** Each visitor loads two pages, and each of them again. */
const LOADS_EACH = 4;
const VISITORS = Math.ceil(Number(process.env.EXITPOLL_LOADS ?? 160) / LOADS_EACH);
const AT_ONCE = 6;
const SAMPLE = 0.5;
const HELD_OUT = 0.3;
/** Chi-square with one degree of freedom: a fair draw is above it once in 30,000 times. */
const CRITICAL = 17.4;
const PAGES = ["/pricing", "/blog"];

test("sample, comparison group and wordings have their shares, know nothing of each other, and stay at a reload", async (t) => {
  const [browser, service, shop] = await Promise.all([launch(), startService(), startShop()]);
  t.after(() => Promise.all([browser.close(), service.stop()]).then(shop.stop));
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.send(`/sites/${key}/settings/asking`, { questions_per_visit: "5", cool_down_days: "30" }, `/sites/${key}/settings`);
  const admin = await owner.browse(browser);
  const prompts = [];
  for (const path of PAGES) prompts.push(await addPrompt(owner, admin, key, path));
  await admin.close();
  shop.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;

  const visitors = [];
  let next = 0;
  const take = async () => {
    while (next < VISITORS) visitors.push(await visit(browser, shop, prompts, next++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));

  assert.equal(visitors.length, VISITORS);
  const shares = [];
  const expect = (what, share, group, is) => {
    const count = group.filter(is).length;
    const off = (count - share * group.length) ** 2 / (share * group.length) + (count - share * group.length) ** 2 / ((1 - share) * group.length);
    shares.push(`${what}: ${count} of ${group.length}, ${(100 * count / group.length).toFixed(1)} % where ${100 * share} % are meant`);
    assert.ok(off < CRITICAL, shares.at(-1));
  };
  const isIn = (index) => (arms) => arms[index] !== "not sampled";
  const isAsked = (index) => (arms) => isIn(index)(arms) && arms[index] !== "held out";
  const isB = (index) => (arms) => arms[index] === "wording b";
  for (const index of [0, 1]) {
    const among = visitors.filter(isIn(index));
    expect(`sample of ${PAGES[index]}`, SAMPLE, visitors, isIn(index));
    expect(`left unasked on ${PAGES[index]}`, HELD_OUT, among, (arms) => arms[index] === "held out");
    expect(`wording B on ${PAGES[index]}`, 0.5, visitors.filter(isAsked(index)), isB(index));
  }
  // What one prompt does with a visitor says nothing of what the other does.
  const apart = (what, group, first, second) => {
    const cell = (one, other) => group.filter((arms) => first(arms) === one && second(arms) === other).length;
    const [a, b, c, d] = [cell(true, true), cell(true, false), cell(false, true), cell(false, false)];
    const n = a + b + c + d;
    const square = (n * (a * d - b * c) ** 2) / ((a + b) * (c + d) * (a + c) * (b + d));
    shares.push(`${what}: chi-square ${square.toFixed(2)} over ${n}`);
    assert.ok(!(square >= CRITICAL), shares.at(-1));
  };
  const both = visitors.filter((arms) => isIn(0)(arms) && isIn(1)(arms));
  apart("samples apart", visitors, isIn(0), isIn(1));
  apart("comparison groups apart", both, (arms) => !isAsked(0)(arms), (arms) => !isAsked(1)(arms));
  apart("wordings apart", visitors.filter((arms) => isAsked(0)(arms) && isAsked(1)(arms)), isB(0), isB(1));
  apart("sample and the other's comparison group apart", visitors.filter(isIn(1)), isIn(0), (arms) => !isAsked(1)(arms));
  t.diagnostic(`${VISITORS * LOADS_EACH} page loads\n${shares.join("\n")}`);
});

/** A question on one page, in two wordings, for a part of the visitors and with a comparison group. */
async function addPrompt(owner, admin, key, path) {
  const base = `/sites/${key}/prompts`;
  const editor = await owner.send(base, { template: "exit_intent" }, `${base}/new`);
  await admin.goto(owner.url + editor);
  await admin.locator("[data-key=wordings] > summary").click();
  await admin.getByRole("button", { name: "Add a wording" }).click();
  await admin.locator("#wordings summary").first().waitFor();
  await admin.evaluate(() => document.querySelectorAll("#editor details").forEach((part) => (part.open = true)));
  await admin.locator("#wordings").getByRole("textbox").first().fill("Wording B");
  await admin.locator("[name=address_text]").first().fill(path);
  await admin.locator("[name=ask_at][value=exit]").uncheck();
  await admin.locator("[name=ask_at][value=page_view]").check();
  await admin.locator("[name=sample_percent]").fill(String(100 * SAMPLE));
  await admin.locator("[name=held_out_percent]").fill(String(100 * HELD_OUT));
  await admin.getByRole("button", { name: "Publish" }).click();
  await admin.getByText("Version 1").first().waitFor();
  return /prm_[0-9a-f]+/.exec(editor)[0];
}

/** What became of a visitor with each prompt; the second load of a page must not change it. */
async function visit(browser, shop, prompts, number) {
  const context = await browser.newContext({ userAgent: `Mozilla/5.0 (X11; visitor ${number}) Chrome/156.0` });
  const page = await context.newPage();
  const arms = [];
  for (const [index, path] of PAGES.entries()) {
    const found = new Set();
    for (const load of [() => page.goto(shop.origin + path), () => page.reload()]) found.add(await armOf(page, prompts[index], load, [...found][0]));
    assert.equal(found.size, 1, `visitor ${number} on ${path}: ${[...found].join(", then ")}`);
    arms.push(...found);
  }
  await context.close();
  return arms;
}

/** The decision of this page load; `before` when it is told to be decided already. */
function armOf(page, prompt, load, before) {
  return new Promise((resolve, reject) => {
    const read = async (response) => {
      if (!response.url().endsWith("/x/i")) return;
      const { ask = [], decided = [], visit } = await response.json().catch(() => ({}));
      const own = ask.find(({ p }) => p === prompt);
      if (!own && !(visit && before && decided.includes(prompt))) return;
      page.off("response", read);
      resolve(own ? nameOf(own) : before);
    };
    page.on("response", read);
    load().catch(reject);
  });
}

function nameOf({ show, held_out, no }) {
  if (show) return /Wording B/.test(show.content.questions[0].title) ? "wording b" : "wording a";
  if (held_out) return "held out";
  return no === "sample" ? "not sampled" : `refused: ${JSON.stringify(no)}`;
}
