// Rare things have files of their own, which only pages load that have what they are about.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitUntil, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const pages = { '/': host('<h1>Shop</h1><div style="height:3000px">Text</div>') };
const extended = (x) => ({ pages, setup: (server) => (server.config.x = x(server)) });

test('loaded once the page has the global, and only once', async (t) => {
  const { page, server } = await open(shared, t, extended(({ names }) => ({ shopData: names.t })));
  await page.evaluate(() => exitpoll('track', 'before'));
  await until(() => server.of('track').length, 'an event of a page without it');
  assert.equal(server.loads('t'), 0);

  await page.evaluate(() => (window.shopData = []));
  await until(() => server.loads('t'), 'the file');
  // A newer configuration names it again.
  server.config.v++;
  await page.evaluate(() => exitpoll('track', 'after'));
  await page.waitForTimeout(2500);
  assert.equal(server.loads('t'), 1);
});

test('a closed widget is recorded on a site that waits for none, cut as labels are', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => exitpoll('widget_closed', 'Support  chat'));
  const [[, , props]] = await until(() => server.of('widget_closed')[0] && server.of('widget_closed'), 'the event');
  assert.deepEqual(props, { n: 'Support chat' });
  assert.equal(server.loads('m'), 0);
});

test('a page without the global loads nothing', async (t) => {
  const { page, server } = await open(shared, t, extended(({ names }) => ({ noSuchGlobal: names.t })));
  await page.waitForTimeout(1500);
  assert.equal(server.loads('t'), 0);
});

test('a file that does not come is done without', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => (peer.config.x = { document: 'm.gone.js' }),
  });
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  assert.equal(server.requests.filter(({ path }) => path === '/x/m.gone.js').length, 1);
  assert.deepEqual(errors, []);
});
