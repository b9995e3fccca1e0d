// The calls that a page makes of its own accord, and the events that it hears.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const pages = { '/': host('<h1>Shop</h1><p>Text</p>') };
const config = { prompts: [prompt({ at: [] })] };

test('page() counts a view that no change of the address tells of', async (t) => {
  const { page, server, errors } = await open(shared, t, { pages });
  await page.evaluate(() => exitpoll('page'));
  await until(() => server.of('page_view').length === 2, 'the second view');
  assert.deepEqual(server.of('page_view').map(([, , { u, r }]) => [u, r]), [['/?', ''], ['/?', '']]);
  assert.equal(new Set(server.batches.map(({ w }) => w)).size, 1, 'of the same page load');
  assert.deepEqual(errors, []);
});

test('close() closes an open card, and the page hears of it by on() and as an event of the window', async (t) => {
  const { page, server, errors } = await open(shared, t, { pages, config });
  await page.evaluate(async () => {
    globalThis.heard = [];
    await exitpoll('on', 'prompt_dismissed', ({ prompt }) => heard.push('on ' + prompt));
    addEventListener('exitpoll:prompt_dismissed', ({ detail }) => heard.push('window ' + detail.prompt));
    exitpoll('show', 'prm_1');
  });
  await card(page).getByText('Too expensive').waitFor();
  await page.evaluate(() => exitpoll('close'));
  await card(page).waitFor({ state: 'detached' });
  assert.deepEqual((await page.evaluate(() => heard)).sort(), ['on prm_1', 'window prm_1']);
  await page.evaluate(() => exitpoll('close'));
  assert.equal(await page.evaluate(() => heard.length), 2, 'there is nothing more to close');
  await page.goto('about:blank');
  await until(() => server.of('prompt_dismissed').length, 'the record');
  assert.equal(server.of('prompt_dismissed').length, 1);
  assert.deepEqual(errors, []);
});

test('identify() says of the visit what it is told beside the user', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(async () => {
    exitpoll('consent', 'granted');
    await exitpoll('identify', 'anna@shop.example', { plan: 'pro' });
    exitpoll('track', 'end');
  });
  await page.goto('about:blank');
  await until(() => server.of('set').length, 'the properties');
  assert.deepEqual(server.of('set')[0][2].props, { plan: 'pro' });
  assert.ok(!server.bodies.join().includes('anna'));
});
