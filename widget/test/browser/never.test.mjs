// "Don't ask me again": one sign on the device, by the visitor's own click, that names nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, show, until, useBrowser } from './support/browser.mjs';
import { CONTENT, host, prompt } from './support/server.mjs';

const shared = useBrowser();
const TEXT = host('<h1>Shop</h1><p>Text of the page.</p>');
const pages = { '/': TEXT, '/next': TEXT };
const config = { prompts: [prompt()] };
const NEVER = "Don't ask me again";

const stored = (page) => page.evaluate(() => ({ ...localStorage }));

async function offered(t) {
  const opened = await open(shared, t, { pages, config, goto: false });
  const { page, server } = opened;
  server.decide = (p) => ({ p, show: { token: 'token_' + p, content: { ...CONTENT, never: NEVER } } });
  await page.goto(server.origin + '/');
  return opened;
}

test('a click writes one sign, which every later page load tells', async (t) => {
  const opened = await offered(t);
  const { page, server, errors } = opened;
  await show(opened);
  assert.deepEqual(await stored(page), {});
  await card(page).getByRole('button', { name: NEVER }).click();
  await card(page).waitFor({ state: 'detached' });
  assert.deepEqual(await stored(page), { exitpoll: '!' });

  await page.goto(server.origin + '/next');
  const next = await until(() => server.batches.find(({ i }) => i), 'the next page');
  assert.deepEqual([next.i, next.s], ['!', 0]);
  assert.deepEqual(server.of('prompt_dismissed').map(([, , { why }]) => why), ['never']);
  assert.deepEqual(errors, []);
});

test('it outlives consent, and consent it', async (t) => {
  const opened = await offered(t);
  const { page, server } = opened;
  const said = (m) => until(() => server.of('consent').find(([, , props]) => props.m === m), m);
  await page.evaluate(() => exitpoll('consent', 'granted'));
  const [, , { p: id }] = await said('granted');
  await show(opened);
  await card(page).getByRole('button', { name: NEVER }).click();
  await card(page).waitFor({ state: 'detached' });
  assert.deepEqual(await stored(page), { exitpoll: id + '!' });

  await page.goto(server.origin + '/next');
  const next = await until(() => server.batches.find(({ i }) => i), 'the next page');
  assert.equal(next.i, id + '!');
  await page.evaluate(() => exitpoll('consent', 'granted'));
  await page.evaluate(() => exitpoll('consent', 'anonymous'));
  await said('anonymous');
  assert.deepEqual(await stored(page), { exitpoll: '!' });
  assert.equal(server.of('consent').length, 2, 'the id was known on the next page');
});

test('where the site does not offer it there is no such button', async (t) => {
  const opened = await open(shared, t, { pages, config });
  await show(opened);
  assert.equal(await card(opened.page).getByRole('button', { name: NEVER }).count(), 0);
});

test('storage that throws harms nothing', async (t) => {
  const opened = await offered(t);
  const { page, errors } = opened;
  await page.evaluate(() => {
    Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } });
  });
  await show(opened);
  await card(page).getByRole('button', { name: NEVER }).click();
  await card(page).waitFor({ state: 'detached' });
  assert.deepEqual(errors, []);
});
