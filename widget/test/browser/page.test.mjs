import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exitUntil, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt, SITE, startServer } from './support/server.mjs';

const shared = useBrowser();
const pages = {
  '/': host('<h1>Home</h1><a id="in" href="/next?x=1#y">Read on</a> <a id="out" href="https://other.example/a/b?c=d">Elsewhere</a> <a id="mail" href="mailto:anna@example.com">Write to anna@example.com 24</a> <button id="buy" data-exitpoll-event="buy_clicked" data-exitpoll-prop-plan="pro" data-exitpoll-prop-value="49">Buy now</button><div data-exitpoll-ignore><button id="ignored">Hidden</button></div><form><button id="chip" type="button">what was typed ×</button></form><button id="chosen" aria-haspopup="listbox">what was chosen</button><div style="height:2400px"></div>'),
  '/next': host('<h1>Next</h1><div style="height:2400px"></div>'),
};
const flush = (page) => page.evaluate(() => exitpoll('show', 'prm_none'));

test('the first batch says where the view is, and nothing personal', async (t) => {
  const { page, server } = await open(shared, t, { pages, path: '/?utm_source=mail&email=a@b.c&utm_campaign=x' });
  const [first] = server.batches;
  assert.deepEqual(first.e[0], [first.e[0][0], 'page_view', { u: '/??utm_source=mail&utm_campaign=x', r: '' }]);
  assert.deepEqual([first.s, first.n, first.d, first.b, first.c, first.k], [0, 'navigate', '', true, 1, SITE]);
  const { headers } = server.requests.find(({ path }) => path === '/x/i');
  assert.match(headers['content-type'], /^text\/plain/);
  assert.equal(headers.cookie, undefined);
  server.forget();
  await page.click('#in');
  await until(() => server.of('page_view').find(([, , { u }]) => u === '/next?'), 'the next page');
  assert.equal(server.of('page_view').find(([, , { u }]) => u === '/next?')[2].r, server.origin + '/');
});

test('clicks: labels of the developer, paths without queries, no addresses of people', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => document.addEventListener('click', (event) => event.preventDefault()));
  for (const id of ['in', 'out', 'mail', 'buy', 'ignored']) await page.click('#' + id);
  await flush(page);
  await until(() => server.of('track').length, 'the clicks');
  assert.deepEqual(server.of('click').map(([, , props]) => props), [
    { l: 'Read on', h: '/next' },
    { l: 'Elsewhere', h: 'https://other.example/a/b' },
    { l: 'Write to', h: '' },
    { l: 'Buy now', h: '' },
  ]);
  await page.click('#chip');
  await page.click('#chosen');
  await flush(page);
  await until(() => server.of('click').length === 6, 'the clicks on what may be typed');
  assert.deepEqual(server.of('click').slice(4).map(([, , { l }]) => l), ['', '']);
  assert.deepEqual(server.of('track')[0][2], { name: 'buy_clicked', props: { plan: 'pro', value: '49' }, value: 49 });
});

test('load time once, scroll marks, active time', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 1000);
  await page.waitForFunction(() => scrollY > 500);
  await page.mouse.wheel(0, 5000);
  await page.waitForFunction(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1);
  await page.waitForTimeout(100);
  await flush(page);
  await until(() => server.of('scroll').some(([, , { p }]) => p === 100), 'the end of the page');
  assert.equal(server.of('page_load').length, 1);
  const marks = server.of('scroll').map(([, , { p }]) => p);
  assert.deepEqual(marks, [...marks].sort((a, b) => a - b));
  await page.goto('about:blank');
  await until(() => server.of('active').reduce((sum, [, , { ms }]) => sum + ms, 0) > 0, 'the active time');
});

for (const [name, script, together] of [
  ['the Navigation API', '', true],
  ['at each look', '<script>Object.defineProperty(window,"navigation",{value:undefined})</script>', false],
]) {
  test(`routes with ${name}: only changes of the path, and history is left alone`, async (t) => {
    const { page, server, errors } = await open(shared, t, { pages: { '/': host('<p>App</p>', { head: script }), '/a': host('') } });
    await page.evaluate(() => {
      history.pushState({ a: 1 }, '', '/a');
      history.replaceState(null, '', '/a?query=1');
      history.pushState(null, '', '/a#hash');
    });
    if (!together) await until(() => server.of('page_view').length === 2, 'the second page');
    await page.evaluate(() => history.pushState(null, '', '/b'));
    await until(() => server.of('page_view').length === 3, 'three pages');
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await until(() => server.of('page_view').length >= 4, 'the way back');
    const views = server.of('page_view').map(([, , props]) => props.u.replace(/\?$/, ''));
    assert.deepEqual(views.slice(0, 3), ['/', '/a', '/b']);
    assert.equal(views[3], together ? '/a' : '/');
    assert.match(await page.evaluate(() => String(history.pushState)), /native code/);
    assert.deepEqual(errors, []);
  });
}

test('unread responses do not eat the keepalive quota: twenty posts of 8 kB', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  for (let index = 0; index < 20; index++) {
    await page.evaluate((number) => {
      exitpoll('track', 'bulk_' + number, Object.fromEntries(Array.from({ length: 16 }, (_, key) => ['k' + key, 'x'.repeat(500)])));
      exitpoll('show', 'prm_none');
    }, index);
    await until(() => server.of('track').length === index + 1, `post ${index + 1}`);
  }
  const names = server.of('track').map(([, , { name }]) => name);
  assert.deepEqual(names, Array.from({ length: 20 }, (_, index) => 'bulk_' + index));
});

test('a batch holds at most fifty events, and a burst arrives complete', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => {
    for (let index = 0; index < 130; index++) exitpoll('track', 'burst', { index });
    exitpoll('show', 'prm_none');
  });
  await until(() => server.of('track').length === 130, 'the burst');
  for (const { e } of server.batches) assert.ok(e.length <= 50);
  assert.deepEqual(server.of('track').map(([, , { props }]) => props.index), Array.from({ length: 130 }, (_, index) => index));
});

test('hidden: what waits is sent at once', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => exitpoll('track', 'waiting'));
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await until(() => server.of('track').length && server.of('page_hidden').length, 'the flush');
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await flush(page);
  await until(() => server.of('page_visible').length, 'the return');
});

test('one request when a page is shown, and one when it is left', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.waitForFunction(() => performance.getEntriesByType('navigation')[0].loadEventEnd > 0);
  await page.waitForTimeout(300);
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  await page.waitForTimeout(300);
  assert.equal(server.bodies.length, 2);
  const kinds = server.batches.map(({ e }) => e.map(([, kind]) => kind));
  assert.equal(kinds[0][0], 'page_view');
  assert.deepEqual(kinds[1].filter((kind) => kind === 'page_hidden' || kind === 'active').sort(), ['active', 'page_hidden']);
});

test('a form left with the page is left once, in the same request', async (t) => {
  const { page, server } = await open(shared, t, { pages: { '/': host('<form id="signup" method="post"><input name="email"></form>') } });
  await page.click('[name=email]');
  await page.keyboard.type('a');
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  await page.waitForTimeout(300);
  assert.equal(server.bodies.length, 2);
  assert.deepEqual(server.of('form_abandoned').map(([, , props]) => props), [{ f: 'signup', n: 'email', why: 'navigated' }]);
});

test('leaving the page sends the rest', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => exitpoll('track', 'last'));
  await page.goto('about:blank');
  await until(() => server.of('track').length && server.of('page_hidden').length === 1, 'the last batch');
});

test('a retry after 503 keeps number and events, and a lost reply does no harm', async (t) => {
  let refusals = 2;
  const { page, server } = await open(shared, t, {
    pages,
    goto: false,
    setup: (peer) => (peer.refuse = () => (refusals-- > 0 ? { status: 503, text: '{}' } : undefined)),
  });
  await page.goto(server.origin + '/');
  await until(() => server.bodies.length >= 3, 'the third try', 15_000);
  const [first, second, third] = server.batches.map(({ t: time, ...rest }) => rest);
  assert.deepEqual(second, first);
  assert.deepEqual(third, first);
  assert.ok(server.batches[2].t >= server.batches[0].t);
});

test('a reply that comes twice opens one card', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => {
      const decide = peer.decide;
      peer.refuse = ({ e, c }) => {
        const eligible = e.find(([, kind]) => kind === 'eligible');
        return eligible && { text: JSON.stringify({ cv: c, ask: [decide('prm_1'), decide('prm_1')] }) };
      };
    },
  });
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  await flush(page);
  await until(() => server.of('eligible').length === 2, 'another reply');
  assert.equal(await card(page).count(), 1);
  assert.equal(server.of('prompt_shown').length, 1);
  assert.equal(server.of('prompt_failed').length, 0);
});

test('a newer configuration in a reply holds at once', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  server.config = { ...server.config, v: 2, prompts: [prompt()] };
  await flush(page);
  await until(() => server.of('eligible').length, 'the reply');
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card of the new configuration');
  assert.equal(server.batches.at(-1).c, 2);
});

test('a question put off is asked three seconds into the next page', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    goto: false,
    config: { prompts: [prompt({ at: ['next_page'] })] },
    setup: (peer) => (peer.visit = () => ({ armed: ['prm_1'] })),
  });
  await page.goto(server.origin + '/next');
  await until(() => server.of('prompt_shown').length, 'the card');
  const [time, , { m }] = server.of('eligible')[0];
  assert.equal(m, 'next_page');
  assert.ok(time >= 3000, `${time}`);
});

test('within a page load it is asked three seconds into the next address', async (t) => {
  const { page, server } = await open(shared, t, { pages, config: { prompts: [prompt({ at: ['next_page'] })] } });
  await until(() => server.of('page_view').length, 'the first page');
  server.visit = () => ({ armed: ['prm_1'] });
  await page.evaluate(() => history.pushState({}, '', '/next'));
  await until(() => server.of('prompt_shown').length, 'the card');
  const [time, , { m }] = server.of('eligible')[0];
  assert.equal(m, 'next_page');
  assert.ok(time - server.of('page_view')[1][0] >= 3000, `${time}`);
});

test('a visit whose slot is used up asks for nothing', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => (peer.visit = () => ({ slot: false })),
  });
  await page.waitForTimeout(100);
  await exitUntil(page, () => server.of('exit_intent').length, 'the exit');
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.equal(server.of('eligible').length, 0);
});

test('nothing is stored on the device', async (t) => {
  const { page, context, server } = await open(shared, t, { pages, config: { prompts: [prompt()] } });
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
  await until(() => server.answers.length, 'the answer');
  await page.evaluate(() => exitpoll('consent', 'anonymous'));
  assert.deepEqual(await context.cookies(), []);
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: self.caches ? (await caches.keys()).length : 0,
    workers: (await navigator.serviceWorker?.getRegistrations())?.length ?? 0,
  }));
  assert.deepEqual(stored, { local: 0, session: 0, databases: 0, caches: 0, workers: 0 });
});

test('consent off stops everything, anonymous resumes with a new view', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.evaluate(() => {
    exitpoll('track', 'pending');
    exitpoll('consent', 'off');
    exitpoll('track', 'unwanted');
  });
  await page.click('h1');
  await page.evaluate(() => history.pushState(null, '', '/elsewhere'));
  await page.waitForTimeout(5200);
  assert.deepEqual(server.of('track'), []);
  const view = server.batches[0].w;
  await page.evaluate(() => {
    exitpoll('consent', 'anonymous');
    exitpoll('track', 'welcome');
    exitpoll('show', 'prm_none');
  });
  await until(() => server.of('track').length, 'the resumption');
  assert.deepEqual(server.of('track').map(([, , { name }]) => name), ['welcome']);
  assert.notEqual(server.batches.at(-1).w, view);
});

test('declined before the script came: not one request', async (t) => {
  const { page, server } = await open(shared, t, {
    pages: { '/': host('<p>Text</p><script>exitpoll("consent","off");exitpoll("track","x")</script>') },
    goto: false,
  });
  await page.goto(server.origin + '/');
  await page.waitForFunction(() => exitpoll.booted);
  await page.goto('about:blank');
  await page.waitForTimeout(200);
  assert.deepEqual(server.bodies, []);
});

test('calls made before the script came are not lost; unknown and bad ones do nothing', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages: { '/': host('<p>Text</p><script>exitpoll("track","early",{n:1,bad:{},none:null,nan:NaN,yes:true});exitpoll("identify","x");exitpoll("nonsense");exitpoll()</script>') },
  });
  await page.evaluate(() => {
    exitpoll('track');
    exitpoll('show');
    exitpoll('form_complete', { not: 'a key' });
    exitpoll('page', 'http://[bad');
    exitpoll('toString');
  });
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.of('track')[0][2], { name: 'early', props: { n: 1, bad: {}, none: null, nan: null, yes: true }, value: null });
  assert.deepEqual(errors, []);
});

test('on() hears, and its result stops it', async (t) => {
  const { page } = await open(shared, t, { pages, config: { goals: [{ id: 'gl_1', rule: { kind: 'track', name: 'a' } }, { id: 'gl_2', rule: { kind: 'track', name: 'b' } }] } });
  const heard = await page.evaluate(async () => {
    const goals = [];
    const off = await exitpoll('on', 'goal', ({ goal }) => goals.push(goal));
    exitpoll('track', 'a');
    exitpoll('track', 'a');
    off();
    exitpoll('track', 'b');
    return goals;
  });
  assert.deepEqual(heard, ['gl_1']);
});

test('twice on a page, it boots once', async (t) => {
  const { page, server } = await open(shared, t, { pages: { '/': host(`<p>Text</p><script src="/x/${SITE}.js"></script><script src="/x/${SITE}.js"></script>`) } });
  await page.waitForFunction(() => document.readyState === 'complete');
  await flush(page);
  await until(() => server.of('eligible').length, 'a later batch');
  assert.equal(server.of('page_view').length, 1);
});

test('in a sandboxed frame nothing throws', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages: { ...pages, '/frame': host('<iframe sandbox="allow-scripts" src="/next" width="600" height="400"></iframe>', { snippet: '' }) },
    path: '/frame',
  });
  await page.frameLocator('iframe').locator('h1').click();
  assert.equal(server.of('page_view').length, 1);
  assert.deepEqual(errors, []);
});

test('from another origin, behind a path prefix, without credentials', async (t) => {
  const { page, server } = await open(shared, t, { pages, goto: false });
  const other = await startServer();
  t.after(() => other.close());
  other.pages['/'] = host('<p>Text</p>', { snippet: `<script async src="${server.origin}/x/${SITE}.js"></script>` });
  await page.goto(other.origin + '/');
  await until(() => server.of('page_view').length, 'the page view');
  assert.equal(other.bodies.length, 0);
});

test('the test token of the address goes with every request', async (t) => {
  const { page, server } = await open(shared, t, { pages, path: '/?exitpoll_test=abc.def' });
  await page.evaluate(() => history.pushState(null, '', '/route'));
  await until(() => server.of('page_view').length === 2, 'the route');
  assert.deepEqual([...new Set(server.batches.map(({ x }) => x))], ['abc.def']);
  assert.ok(!server.of('page_view').some(([, , { u }]) => u.includes('exitpoll_test')));
});

test('back from the back/forward cache: a new view of the same page', async (t) => {
  const { page, server } = await open(shared, t, { pages });
  await page.goto(server.origin + '/next');
  await until(() => server.of('page_view').length === 2, 'the second page');
  await page.evaluate(() => (globalThis.marker = 1));
  await page.goBack({ waitUntil: 'commit' });
  await until(() => server.of('page_view').length === 3, 'the page again');
  const restored = await page.evaluate(() => performance.getEntriesByType('navigation')[0].type);
  const first = server.batches.filter(({ s, e }) => s === 0 && e.length);
  assert.equal(new Set(first.map(({ w }) => w)).size, 3);
  assert.equal(first[2].n, 'back_forward');
  assert.equal(first[2].e[0][2].u, '/?');
  assert.equal(restored, 'navigate', 'it did come from the cache: the document was not loaded again');
});

test('of a query only what questions are about leaves the page, and what the page says of the visit', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    path: '/?my-plan=secret&plan=pro&x=plan=secret&planned=secret&utm_source=mail',
    config: { q: '[?&](?!utm_|plan=)[^&]*' },
  });
  assert.equal(server.batches[0].e[0][2].u, '/?&plan=pro&utm_source=mail');
  await page.evaluate(() => {
    const properties = { plan: 'pro', seats: 5 };
    exitpoll('set', properties);
    properties.plan = 'changed later';
  });
  await flush(page);
  await until(() => server.of('set').length, 'the properties');
  assert.deepEqual(server.of('set')[0][2].props, { plan: 'pro', seats: 5 });
});
