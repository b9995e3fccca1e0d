// What is remembered of visitors: nothing before they agree, and nothing after they take it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const TEXT = host('<h1>Shop</h1><p>Text</p>');
const pages = { '/': TEXT, '/next': TEXT };
const config = { prompts: [prompt({ at: [] })] };

/** Everything that a page can leave on a device. */
const onDevice = (page) =>
  page.evaluate(async () => ({
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
  }));
const NOTHING = { cookie: '', local: {}, session: {}, databases: 0, caches: 0 };
const stored = (page) => page.evaluate(() => localStorage.getItem('exitpoll') && (localStorage.getItem('exitpoll_unsent') ?? '[]'));
const say = (page, choice) => page.evaluate((choice) => void exitpoll('consent', choice), choice);
const agreed = (server) => server.of('consent').filter(([, , { m }]) => m === 'granted');

async function agree({ page, server }) {
  await say(page, 'granted');
  await until(() => agreed(server).length, 'the consent');
}

async function ask({ page }) {
  await page.evaluate(() => void exitpoll('show', 'prm_1'));
  await card(page).getByText('Too expensive').waitFor();
}

async function send({ page }) {
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
}

async function answer(opened) {
  await ask(opened);
  await send(opened);
}

test('without consent nothing is on the device, whatever happens', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await answer(opened);
  await until(() => server.answers.length, 'the answer');
  await page.evaluate(() => Promise.all([exitpoll('identify', 'anna'), exitpoll('set', { plan: 'pro' }), exitpoll('reset')]));
  assert.deepEqual(await onDevice(page), NOTHING);
  await page.goto(server.origin + '/next');
  await until(() => server.of('page_view').length > 1, 'the next page');
  assert.deepEqual(await onDevice(page), NOTHING);
  assert.ok(server.batches.every(({ i }) => i === undefined));
  assert.deepEqual(server.of('set').map(([, , { props }]) => props), [{ plan: 'pro' }]);
});

test('with consent the next page is the same visitor\'s, and only by an id', async (t) => {
  const opened = await open(shared, t, { pages });
  const { page, server } = opened;
  await agree(opened);
  const [[, , { p: id }]] = agreed(server);
  assert.match(id, /^1[a-z0-9]{19}$/);
  assert.deepEqual(await onDevice(page), { ...NOTHING, local: { exitpoll: id } });

  await page.goto(server.origin + '/next');
  await say(page, 'granted');
  const next = await until(() => server.batches.find(({ e }) => e[0]?.[2]?.u?.startsWith('/next')), 'the next page');
  assert.equal(next.i, id);
  assert.equal(agreed(server).length, 1, 'said once');
});

for (const choice of ['anonymous', 'off']) {
  test(`"${choice}" clears what was stored at once, with answers that wait`, async (t) => {
    const opened = await open(shared, t, { pages, config });
    const { page, server } = opened;
    await agree(opened);
    server.refuse = ({ a }) => a && { status: 503, text: '{}' };
    await answer(opened);
    await until(async () => (await stored(page)).includes('token_prm_1'), 'the answer on the device');

    await page.evaluate((choice) => exitpoll('consent', choice), choice);
    await until(async () => (await stored(page)) === null, 'an empty device');
    assert.deepEqual(await onDevice(page), NOTHING);
    server.forget();
    await page.evaluate(() => exitpoll('track', 'after'));
    await page.goto(server.origin + '/next');
    await until(() => server.of('page_view').length, 'the next page');
    assert.equal(server.of('track').length, choice === 'off' ? 0 : 1);
    assert.ok(server.batches.every(({ i }) => i === undefined));
  });
}

for (const [name, says] of [
  ['Global Privacy Control', () => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })],
  ['Do Not Track', () => Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })],
]) {
  test(`${name} is at most anonymous, and identifies nobody`, async (t) => {
    const opened = await open(shared, t, { pages, goto: false });
    const { page, server, context } = opened;
    await context.addInitScript(says);
    await page.goto(server.origin + '/');
    await until(() => server.of('page_view').length, 'the page view');
    await page.evaluate(async () => {
      exitpoll('consent', 'granted');
      await exitpoll('identify', 'anna');
      await exitpoll('set', { done: true });
    });
    await page.evaluate(() => exitpoll('track', 'end'));
    await page.goto('about:blank');
    await until(() => server.of('track').length, 'the end');
    assert.equal(agreed(server).length, 0);
    assert.ok(!server.bodies.join().includes('anna'));
    await page.goto(server.origin + '/next');
    assert.deepEqual(await onDevice(page), NOTHING);
  });
}

test('Do Not Track can be switched off by the owner', async (t) => {
  const opened = await open(shared, t, { pages, config: { f: 1 }, goto: false });
  await opened.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' }));
  await opened.page.goto(opened.server.origin + '/');
  await agree(opened);
});

test('a user is the same visitor on two devices, and their name stays on the page', async (t) => {
  const ids = [];
  for (const device of [1, 2]) {
    const opened = await open(shared, t, { pages });
    const { page, server } = opened;
    await page.evaluate((device) => {
      // In either order.
      if (device === 1) exitpoll('identify', 'anna@shop.example');
      exitpoll('consent', 'granted');
      if (device === 2) exitpoll('identify', 'anna@shop.example');
    }, device);
    await until(async () => agreed(server).length >= device, 'the consent');
    ids.push(agreed(server).at(-1)[2].p);
    assert.ok(!server.bodies.join().includes('anna'));
  }
  assert.equal(ids[0], ids[1]);
});

test('after reset somebody else is there', async (t) => {
  const opened = await open(shared, t, { pages });
  const { page, server } = opened;
  await agree(opened);
  const [[, , { p: id }]] = agreed(server);
  await page.evaluate(() => exitpoll('reset'));
  await page.goto(server.origin + '/next');
  const next = await until(() => server.batches.find(({ i }) => i), 'a view of the new visitor');
  assert.notEqual(next.i, id);
  assert.equal(next.s, 0);
});

test('storage that throws is done without', async (t) => {
  const opened = await open(shared, t, { pages, config, goto: false });
  const { page, server, context, errors } = opened;
  await context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } });
  });
  await page.goto(server.origin + '/');
  await until(() => server.of('page_view').length, 'the page view');
  await page.evaluate(() => exitpoll('consent', 'granted'));
  await answer(opened);
  await until(() => server.answers.length, 'the answer');
  assert.equal(agreed(server).length, 0);
  assert.deepEqual(errors, []);
});

test('an answer that was not sent is sent by the next page, as the one answer it is', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server, context } = opened;
  await agree(opened);
  await ask(opened);
  await context.route('**/x/i', (route) => route.abort());
  await send(opened);
  await until(async () => (await stored(page)).includes('"done":true'), 'the answer on the device');
  // The tab is killed: nothing of the page runs any more.
  await page.close({ runBeforeUnload: false });
  await context.unrouteAll({ behavior: 'wait' });
  assert.equal(server.answers.length, 0);

  // Two tabs come back at once.
  const tabs = await Promise.all([context.newPage(), context.newPage()]);
  await Promise.all(tabs.map(async (tab) => {
    await tab.goto(server.origin + '/next');
    await say(tab, 'granted');
  }));
  await until(async () => (await stored(tabs[0])).endsWith('[]'), 'an empty outbox');
  // On a busy machine both may come to send it: it is one answer, by its token and number, and the server keeps one.
  const told = new Set(server.answers.map(({ i, n, done, v }) => JSON.stringify([i, n === server.answers[0].n, done, v.q1.c.length])));
  assert.deepEqual([...told], [JSON.stringify(['token_prm_1', true, true, 1])]);
});

test('known by the reply alone: the page need not say it again', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server, context } = opened;
  await agree(opened);
  await ask(opened);
  await context.route('**/x/i', (route) => route.abort());
  await send(opened);
  await until(async () => (await stored(page)).includes('"done":true'), 'the answer on the device');
  await page.goto('about:blank');
  await context.unrouteAll({ behavior: 'wait' });
  // As the server does for whoever sends an id.
  server.config.v++;
  server.config.x = { document: server.names.a };

  await page.goto(server.origin + '/next');
  await until(() => server.answers.length, 'the answer');
});

test('offline, then online: sent at once', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server, context } = opened;
  await agree(opened);
  await ask(opened);
  await context.setOffline(true);
  await send(opened);
  await until(async () => (await stored(page)).includes('"done":true'), 'the answer on the device');
  assert.equal(server.answers.length, 0);
  await context.setOffline(false);
  await until(() => server.answers.some(({ done }) => done), 'the answer');
  await until(async () => (await stored(page)).endsWith('[]'), 'an empty outbox');
});

test('what the server refuses for good is not kept', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await agree(opened);
  server.refuse = ({ a }) => a && { status: 422, text: '{}' };
  await answer(opened);
  await until(() => server.answers.length, 'the answer');
  await until(async () => (await stored(page)).endsWith('[]'), 'an empty outbox');
});

test('a server that is down for ten minutes loses nothing', async (t) => {
  const opened = await open(shared, t, { pages, config, goto: false });
  const { page, server } = opened;
  await page.clock.install();
  await page.goto(server.origin + '/');
  await until(async () => (await page.clock.runFor(100), server.of('page_view').length), 'the page view');
  await say(page, 'granted');
  await until(async () => (await page.clock.runFor(100), agreed(server).length), 'the consent');
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(async () => (await page.clock.runFor(200), card(page).getByText('Too expensive').isVisible()), 'the card');
  server.refuse = () => ({ status: 503, text: '{}' });
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
  for (let minute = 0; minute < 10; minute++) await page.clock.runFor(60_000);
  assert.ok((await stored(page)).includes('"done":true'));
  // The page's clock runs ahead of the network: an attempt of some minutes ago may still be on its way.
  await page.waitForTimeout(500);
  server.forget();
  server.refuse = () => undefined;
  await until(async () => (await page.clock.runFor(10_000), server.answers.length), 'the answer');
  const { t: sent } = server.batches.find(({ a }) => a?.length);
  // The card may have been a while on the page's clock, and the clock runs in steps.
  assert.ok(sent >= 570_000 && sent < 900_000, `given ten minutes before it came, told as ${sent} ms`);
});

test('at most fifty answers are kept, none for more than a week', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await agree(opened);
  await page.evaluate(() => {
    const view = '01890000000070008000000000000000';
    const entry = (n, at) => ({ answer: { i: 'old_' + n, n: 1, done: true, v: {} }, at, view });
    const week = 7 * 86_400_000;
    const all = [entry(0, Date.now() - week - 1000), ...Array.from({ length: 50 }, (_, n) => entry(n + 1, Date.now() - week + 60_000))];
    localStorage.exitpoll_unsent = JSON.stringify(all);
  });
  server.refuse = ({ a }) => a && { status: 503, text: '{}' };
  await answer(opened);
  await until(async () => (await stored(page)).includes('token_prm_1'), 'the answer on the device');
  const kept = JSON.parse(await stored(page)).map(({ answer: { i } }) => i);
  assert.equal(kept.length, 50);
  assert.ok(!kept.includes('old_0') && kept.at(-1) === 'token_prm_1');
});

test('a visit is named to the page\'s own server, by a promise and by a call', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    setup: (peer) => (peer.refuse = ({ q }) => q && { text: JSON.stringify({ cv: 1, token: 'tok_1' }) }),
  });
  const told = await page.evaluate(async () => {
    let called;
    const token = await exitpoll('token', (value) => (called = value));
    return [token, called];
  });
  assert.deepEqual(told, ['tok_1', 'tok_1']);
  assert.equal(server.batches.at(-1).w, server.batches[0].w);
});

test('calls before the script and before its file come in order', async (t) => {
  const early = `<script>exitpoll=function(){(exitpoll.q=exitpoll.q||[]).push(arguments)};exitpoll('set',{n:1});exitpoll('set',{n:2});exitpoll('nothing','known')</script>`;
  const { page, server, errors } = await open(shared, t, { pages: { '/': host('<p>Text</p>', { head: early }) } });
  await page.evaluate(() => exitpoll('set', { n: 3 }));
  await page.evaluate(() => exitpoll('track', 'end'));
  await page.goto('about:blank');
  await until(() => server.of('set').length === 3, 'all three');
  assert.deepEqual(server.of('set').map(([, , { props }]) => props.n), [1, 2, 3]);
  assert.deepEqual(errors, []);
});

test('what an earlier visit left open is asked on the first page of the next', async (t) => {
  const waiting = prompt({ at: ['exit'], after: 'gl_pricing' });
  const opened = await open(shared, t, {
    pages,
    config: { prompts: [waiting] },
    // As the server tells it to a browser that is known.
    setup: (server) => {
      server.visit = () => ({ armed: ['prm_1'], config: { ...server.config, prompts: [{ ...waiting, after: null, at: ['next_page'] }] } });
    },
  });
  await card(opened.page).getByText('Too expensive').waitFor();
  assert.deepEqual(opened.server.of('eligible').map(([, , { m }]) => m), ['next_page']);
});
