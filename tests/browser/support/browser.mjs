// Real Chromium, driven by real pointer moves and keys.
import { chromium } from "../../../widget/node_modules/playwright-core/index.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(flags = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...flags] });
}

/** Moves the pointer about inside the page for as long as exit intent needs to take the visitor for active. */
export async function lookAround(page, milliseconds = 5_500) {
  const end = Date.now() + milliseconds;
  for (let step = 0; Date.now() < end; step += 1) {
    await page.mouse.move(300 + (step % 7) * 40, 320 + (step % 5) * 30, { steps: 3 });
    await page.waitForTimeout(150);
  }
}

/** Leaves through the top edge, as a hand that goes for the address bar does. */
export async function leaveOverTheTop(page) {
  await page.mouse.move(400, 300);
  await page.mouse.move(400, 160);
  await page.mouse.move(400, 60);
  await page.mouse.move(400, 8);
  await page.mouse.move(400, -5);
}

/** Leaves until the card is there: on a busy machine the moves may come too slowly to be an exit. */
export async function leaveUntilAsked(page) {
  for (let tries = 0; tries < 4 && (await card(page).count()) === 0; tries += 1) {
    await lookAround(page, tries === 0 ? undefined : 1_000);
    await leaveOverTheTop(page);
    await card(page).waitFor({ timeout: 6_000 }).catch(() => {});
  }
  await card(page).waitFor({ timeout: 100 });
}

/** The open card, once it is there. */
export function card(page) {
  return page.getByRole("region").or(page.getByRole("dialog")).filter({ has: page.getByRole("button", { name: "Send" }) });
}

/** Everything that a page could have left on the device for its origin. */
export function traces(page) {
  return page.evaluate(async () => ({
    cookie: document.cookie,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map((database) => database.name),
    caches: "caches" in globalThis ? await caches.keys() : [],
  }));
}

export const NO_TRACES = { cookie: "", local: [], session: [], databases: [], caches: [] };

/** Opens a page of a site with the snippet; gives the visit that the service says it belongs to. */
export function open(page, url) {
  return started(page, () => page.goto(url));
}

/** Does something that loads a page, and waits for the reply to that page's first request; gives its visit. */
export async function started(page, act) {
  const answered = page.waitForResponse((response) => {
    if (!response.url().endsWith("/x/i") || response.request().method() !== "POST") return false;
    return JSON.parse(response.request().postData()).s === 0;
  });
  await act();
  return (await (await answered).json()).visit;
}
