// Networks that fail: nobody's answer is lost while the tab lives, with nothing kept on the device, and the page never notices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exitUntil, until, useBrowser } from './support/browser.mjs';
import { answer, ask, BODY, nothingWrong, openHostile } from './support/hostile.mjs';
import { host } from './support/server.mjs';

const shared = useBrowser();
const MINUTES = 10;
// The browser itself tells the console of a request that failed. That is no error of a script, and cannot be prevented.
const ofScripts = ({ errors }) => errors.filter((text) => !/^Failed to load resource|ERR_/.test(text));

/** Lets minutes pass for the page, a second each time it has had a chance to talk to the server. */
async function pass(page, minutes) {
  for (let seconds = 0; seconds < minutes * 60; seconds += 5) {
    await page.clock.runFor(5_000);
    await page.evaluate(() => new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); }));
  }
}

const OUTAGES = {
  'the server is gone': {
    begin: ({ server }) => server.close(),
    end: ({ server }) => server.reopen(),
  },
  'the server answers 503': {
    begin: ({ server }) => (server.refuse = () => ({ status: 503, text: '{}' })),
    end: ({ server }) => {
      server.forget();
      server.refuse = () => undefined;
    },
    reaches: true,
  },
  'the replies are lost': {
    begin: ({ page }) => page.route('**/x/i', async (route) => { await route.fetch(); await route.abort(); }),
    end: ({ page }) => page.unrouteAll({ behavior: 'wait' }),
    reaches: true,
  },
  'the device is offline': {
    begin: ({ context }) => context.setOffline(true),
    end: ({ context }) => context.setOffline(false),
  },
  'an endless stream of 429': {
    begin: ({ server }) => (server.refuse = () => ({ status: 429, headers: { 'retry-after': '600' }, text: 'slow down' })),
    end: ({ server }) => {
      server.forget();
      server.refuse = () => undefined;
    },
    reaches: true,
  },
};

for (const [name, { begin, end, reaches = false }] of Object.entries(OUTAGES)) {
  test(`${name} for ${MINUTES} minutes: the answer arrives, once, as does what happened meanwhile`, async (t) => {
    const opened = await openHostile(shared, t, { before: ({ page }) => page.clock.install() });
    const { page, server } = opened;
    await ask(opened);
    await begin(opened);
    await answer(opened);
    await page.evaluate(() => exitpoll('track', 'during'));
    await pass(page, MINUTES);
    assert.equal(server.answers.length > 0, reaches, 'the outage is one');
    await end(opened);
    await page.evaluate(() => exitpoll('track', 'after'));
    await until(async () => {
      await page.clock.runFor(5_000);
      return server.answers.length && server.of('track').length === 2;
    }, 'the answer and the events', 20_000);
    const given = new Map(server.answers.map(({ i, n, done, v }) => [i + n, { done, v }]));
    assert.deepEqual([...given.values()], [{ done: true, v: { q1: { c: ['c2'] } } }]);
    assert.deepEqual(server.of('track').map(([, , props]) => props.name), ['during', 'after']);
    assert.deepEqual(ofScripts(opened), []);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  });
}

test('a server that is gone is asked ever more rarely, and not by every click', async (t) => {
  const opened = await openHostile(shared, t, { before: ({ page }) => page.clock.install() });
  const { page } = opened;
  let requests = 0;
  await page.route('**/x/i', (route) => {
    requests += 1;
    return route.abort();
  });
  for (let round = 0; round < 20; round += 1) await page.click('#buy');
  await pass(page, MINUTES);
  assert.ok(requests > 5 && requests < 60, `${requests} requests in ${MINUTES} minutes`);
  assert.deepEqual(ofScripts(opened), []);
});

test('a blocker that lets the script load and no request through: the page works as ever', async (t) => {
  const opened = await openHostile(shared, t, { pages: { '*': host(BODY) } });
  const { page, context } = opened;
  await context.route('**/x/i', (route) => route.abort('blockedbyclient'));
  await page.reload();
  for (let round = 0; round < 5; round += 1) await page.click('#buy');
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await page.fill('[name=email]', 'a');
  await page.waitForTimeout(1_500);
  assert.equal(await card(page).count(), 0);
  assert.deepEqual(ofScripts(opened), []);
  assert.equal(await page.evaluate(() => layoutShift), 0);
});

test('a blocker that keeps the file of the card away: no card, no error, and the rest is recorded', async (t) => {
  const opened = await openHostile(shared, t);
  const { page, server } = opened;
  await page.route('**/x/u.*.js', (route) => route.abort('blockedbyclient'));
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => server.of('eligible').length, 'the request');
  await page.evaluate(() => exitpoll('track', 'after'));
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length && server.of('track').length, 'the rest');
  assert.equal(server.of('prompt_shown').length, 0);
  assert.deepEqual(ofScripts(opened), []);
});

/** As the browser's own tools define it: kilobytes a second and a delay for each request. */
async function slow({ page }, latency) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: 50_000, uploadThroughput: 50_000 });
}

test('slow 3G: a question that was asked for opens, nothing moves, the answer arrives', async (t) => {
  const opened = await openHostile(shared, t, { before: (early) => slow(early, 400) });
  await ask(opened);
  await answer(opened);
  await until(() => opened.server.answers.length, 'the answer');
  await nothingWrong(opened);
});

test('so slow that the moment has passed: no card, and the record says why', async (t) => {
  const opened = await openHostile(shared, t, { before: (early) => slow(early, 1_500) });
  const { page, server } = opened;
  await exitUntil(page, () => server.of('prompt_failed').length, 'the record');
  assert.deepEqual(server.of('prompt_failed').map(([, , props]) => props), [{ p: 'prm_1', why: 'late' }]);
  assert.equal(await card(page).count(), 0);
  await nothingWrong(opened);
});
