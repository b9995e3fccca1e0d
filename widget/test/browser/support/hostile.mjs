// What every hostile page has to let through, and what must never be seen on it.
import assert from 'node:assert/strict';
import { card, open, until } from './browser.mjs';
import { host, prompt } from './server.mjs';

export const config = { prompts: [prompt()] };
export const BODY =
  '<h1>Shop</h1><p>Text of the page.</p><button id="buy">Buy now</button><form id="signup" method="post"><input name="email"></form>';

// Before everything else: shifts are entries from the beginning on, and what the page patches later is not ours to use.
const OBSERVE = () => {
  let shift = 0;
  const { error } = console;
  const observer = new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (hadRecentInput) continue;
      shift += value;
      error(`layout shift of ${value}`);
    }
  });
  observer.observe({ type: 'layout-shift', buffered: true });
  Object.defineProperty(window, 'layoutShift', { get: () => shift });
};

/**
 * Opens a page and keeps all that goes wrong on it and on all that follow in its context: errors nobody caught, what
 * the console calls an error, and whatever of the page has moved, which fails every test.
 */
export async function openHostile(shared, t, { head = '', body = BODY, headers = {}, before, ...options } = {}) {
  const opened = await open(shared, t, { pages: { '/': { html: host(body, { head }), headers } }, config, ...options, goto: false });
  const { page, context, server, errors } = opened;
  const shifts = [];
  context.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (text.startsWith('layout shift')) shifts.push(text);
    // The browser looks for an icon, which the test page has not.
    else if (message.type() === 'error' && !text.includes('favicon.ico')) errors.push(text);
  });
  t.after(() => assert.deepEqual(shifts, [], 'nothing of the page has moved'));
  await context.addInitScript(OBSERVE);
  await before?.(opened);
  await page.goto(server.origin + (options.path ?? '/'));
  await until(() => server.of('page_view').length, 'the page view');
  return { ...opened, shifts };
}

/** The card, asked for by the visitor. */
export async function ask({ page, server }) {
  const before = server.of('prompt_shown').length;
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => server.of('prompt_shown').length > before, 'the card');
}

export async function answer({ page }) {
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
}

/** A visit from the click on a button to the answer and the end of the page: all of it arrives, as from any other page. */
export async function wholeVisit(opened) {
  const { page, server } = opened;
  await page.click('#buy');
  await ask(opened);
  const box = await card(page).locator('.card').boundingBox();
  assert.ok(box && Math.round(box.width) === 344 && box.height < 420, `the card is ${JSON.stringify(box)}`);
  await answer(opened);
  await until(() => server.answers.length, 'the answer');
  await nothingWrong(opened);
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.of('click').map(([, , props]) => props), [{ l: 'Buy now', h: '' }]);
  assert.deepEqual(server.answers.map(({ v, done }) => [v, done]), [[{ q1: { c: ['c2'] } }, true]]);
}

export async function nothingWrong({ page, errors }) {
  assert.deepEqual(errors, []);
  assert.equal(await page.evaluate(() => layoutShift), 0, 'nothing of the page has moved');
}
