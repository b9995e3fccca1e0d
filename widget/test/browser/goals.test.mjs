// Goals that the first script does not know: what is recorded for them, and that the page is told of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, until, useBrowser } from './support/browser.mjs';
import { host } from './support/server.mjs';

const shared = useBrowser();
const goal = (id, rule) => ({ id, rule });
const withRare = (...rare) => ({ setup: (server) => Object.assign(server.config, { rare, x: { MouseEvent: server.names.g, dataLayer: server.names.d } }) });
/** A second of silence: a video needs no file of its own to be played from memory. */
const SOUND = `(() => {
  const bytes = new Uint8Array(44 + 8000).fill(128);
  const view = new DataView(bytes.buffer);
  'RIFF'.split('').forEach((c, i) => (bytes[i] = c.charCodeAt(0)));
  view.setUint32(4, 8036, true);
  'WAVEfmt '.split('').forEach((c, i) => (bytes[8 + i] = c.charCodeAt(0)));
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true); view.setUint32(28, 8000, true); view.setUint16(32, 1, true); view.setUint16(34, 8, true);
  'data'.split('').forEach((c, i) => (bytes[36 + i] = c.charCodeAt(0)));
  view.setUint32(40, 8000, true);
  return URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }));
})()`;
const HEAD = `<script>told=[];addEventListener('exitpoll:goal',({detail})=>told.push(detail.goal))</script>`;

test('a file, another site, a field and an event with properties reach their goals', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages: {
      '/': host(
        `<a href="/guide.pdf">Guide</a><a href="https://partner.example/x">Partner</a>
         <form aria-label="signup" id="signup"><input name="email"><input name="phone"></form>
         <script>document.addEventListener('click',(e)=>e.preventDefault())</script>`,
        { head: HEAD },
      ),
    },
    ...withRare(
      goal('file', { kind: 'download', href: '/guide*' }),
      goal('site', { kind: 'outbound' }),
      goal('field', { kind: 'field_reached', form: '*', field: 'phone' }),
      goal('pro', { kind: 'event', name: 'paid', filters: [{ property: 'plan', is: 'equals', value: 'pro' }] }),
    ),
  });
  await until(() => server.loads('g'), 'the file');
  await page.click('text=Guide');
  await page.click('text=Partner');
  await page.focus('[name=phone]');
  await page.evaluate(() => exitpoll('track', 'paid', { plan: 'free' }));
  await page.evaluate(() => exitpoll('track', 'paid', { plan: 'pro' }));
  await page.waitForFunction(() => told.length === 4);
  assert.deepEqual(await page.evaluate(() => told.sort()), ['field', 'file', 'pro', 'site']);
  assert.deepEqual(errors, []);
});

test('a search is told without what was searched for, only where a goal asks for it', async (t) => {
  const pages = { '/': host('<form role="search" onsubmit="return false"><input type="search" name="q"><button>Find</button></form>', { head: HEAD }) };
  for (const [rule, n] of [[{ kind: 'search' }, 2], [{ kind: 'download' }, 0]]) {
    const { page, server, errors } = await open(shared, t, { pages, ...withRare(goal('a', rule)) });
    await until(() => server.loads('g'), 'the file');
    await page.evaluate(() => history.pushState(0, '', '/found?q=canary'));
    // A page may answer in its place what it also writes into the address: that is one search. The next comes some seconds later.
    await page.click('button');
    await page.evaluate(() => {
      const at = Date.now() + 5000;
      Date.now = () => at;
    });
    await page.click('button');
    await page.evaluate(() => exitpoll('track', 'end'));
    await until(() => server.of('track').length, 'the end');
    if (n) await until(() => server.of('search').length >= n, 'both searches');
    assert.equal(server.of('search').length, n);
    assert.ok(!server.bodies.join().includes('canary'));
    assert.deepEqual(errors, []);
  }
});

test('a video is told by its quarters, each once', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages: { '/': host('<audio></audio><button>Play</button>', { head: HEAD }) },
    ...withRare(goal('half', { kind: 'video', percent: 50 })),
  });
  await until(() => server.loads('g'), 'the file');
  await page.evaluate(`document.querySelector('button').onclick = () => { const a = document.querySelector('audio'); a.src = a.src || ${SOUND}; a.currentTime = 0; a.play(); }`);
  await page.click('button');
  await until(() => server.of('video').length === 5, 'all of its marks');
  assert.deepEqual(server.of('video').map(([, , { p }]) => p), [0, 25, 50, 75, 100]);
  await page.waitForFunction(() => told[0] === 'half');
  await page.click('button');
  await page.waitForFunction(() => document.querySelector('audio').ended);
  await page.evaluate(() => exitpoll('track', 'end'));
  await until(() => server.of('track').length, 'the end');
  assert.equal(server.of('video').length, 5);
  assert.deepEqual(errors, []);
});

test('what a goal names is taken from the data layer, and nothing else of it', async (t) => {
  const { page, server, errors } = await open(shared, t, {
    pages: { '/': host('<h1>Shop</h1>', { head: `<script>dataLayer=[]</script>${HEAD}` }) },
    ...withRare(goal('own', { kind: 'event', name: 'my_own', filters: [{ property: 'plan', is: 'equals', value: 'pro' }] })),
  });
  await until(() => server.loads('d') && server.loads('g'), 'the files');
  await page.evaluate(() => {
    dataLayer.push({ event: 'other', plan: 'pro' }, { event: 'my_own', plan: 'pro', email: 'canary@shop.example' });
  });
  await until(() => server.of('track').length, 'the event');
  assert.deepEqual(server.of('track').map(([, , { name, props }]) => [name, props]), [['my_own', { plan: 'pro' }]]);
  await page.waitForFunction(() => told[0] === 'own');
  assert.ok(!server.bodies.join().includes('canary'));
  assert.deepEqual(errors, []);
});
