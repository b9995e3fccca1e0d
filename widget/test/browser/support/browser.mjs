import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { launchOnScreen } from './desktop.mjs';
import { FLAGS } from './flags.mjs';
import { startServer } from './server.mjs';

/** What a few files are run in a second time; everything else is about Chromium. */
const isFirefox = process.env.TEST_BROWSER === 'firefox';

/** One browser for the tests of a file. */
export function useBrowser() {
  const shared = {};
  before(async () => {
    shared.browser = isFirefox
      ? await launchOnScreen('firefox')
      : await chromium.launch({
          executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
          args: FLAGS,
          // Playwright switches the back/forward cache off; the widget has to live with it.
          ignoreDefaultArgs: ['--disable-back-forward-cache'],
        });
  });
  after(() => shared.browser?.close());
  return shared;
}

/** A fresh context and peer for one test; errors of the page fail it. */
export async function open(shared, test, { pages, path = '/', config = {}, setup, context: options, goto = true } = {}) {
  const server = await startServer(pages);
  Object.assign(server.config, config);
  setup?.(server);
  const context = await shared.browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  test.after(async () => {
    await context.close();
    await server.close();
  });
  if (goto) {
    await page.goto(server.origin + path);
    await until(() => server.of('page_view').length > 0, 'the page view');
  }
  return { server, context, page, errors };
}

/** Waits for what the peer has to receive. */
export async function until(condition, what = 'a condition', timeout = 15_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`waited for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A genuine exit: into the page, then up and out in one go. */
export async function exit(page, x = 400) {
  await page.mouse.move(x, 500);
  await page.mouse.move(x, 420);
  await page.mouse.move(x, 300, { steps: 2 });
  await page.mouse.move(x, 100, { steps: 2 });
  await page.mouse.move(x, 10);
  await page.mouse.move(x, -5);
}

/** On a busy machine the moves may come too slowly to be a genuine exit: then once more. */
export async function exitUntil(page, condition, what) {
  for (let tries = 0; tries < 4; tries++) {
    await exit(page);
    const end = Date.now() + 6000;
    while (Date.now() < end) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  assert.fail(`left the page and waited for ${what} in vain`);
}

/** Lets the pointer leave the page until the card is there. */
export async function show({ page, server }) {
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  await card(page).locator('.card').waitFor();
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the open card. */
export const violations = (page) =>
  page.evaluate(async (source) => {
    // Trusted types and policies of the page do not apply to the test's own tool.
    (0, eval)(source);
    const { violations } = await globalThis.axe.run('exitpoll-card', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '));
  }, axe);

/** Once the card has come in, it stands where it stands. */
export const settled = (page) =>
  card(page)
    .locator('.card')
    .evaluate((element) => Promise.all(element.getAnimations().map(({ finished }) => finished)).then(() => {}));

export const card = (page) => page.locator('exitpoll-card');
