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

/** A form whose page does what `save` says once its button, which sends nothing, is pressed. */
const SAVED = (save, { thanks = '', form = '' } = {}) => ({
  '*': host(
    `<form id="signup" ${form}><input name="email"><button type="button" id="save">Save</button></form>${thanks}
     <script>save.onclick=()=>{${save}}</script>`,
    { head: `${HEAD}<style>[hidden]{display:none}.faint{opacity:0}.gone{visibility:hidden}</style>` },
  ),
});
const sign = (selector = '.thanks', form = 'signup') => goal('done', { kind: 'form_completed', form, selector });
/** As the server has it: the core counts the goal, the lazy file looks for the signs. */
const withSigns = (...signs) => ({
  setup: ({ config, names }) =>
    Object.assign(config, { goals: [goal('done', { kind: 'form_completed', form: 'signup' })], rare: signs, x: { MouseEvent: names.g } }),
});
const type = (page) => page.type('[name=email]', 'a');
/** Longer than two looks at the signs. */
const looks = (page) => page.waitForTimeout(800);
const completions = (server) => server.of('form_completed').map(([, , { f, by }]) => [f, by]);
async function end({ page, server }) {
  await page.evaluate(() => exitpoll('track', 'end'));
  await until(() => server.of('track').length, 'the end');
}
async function openSaved(t, pages, ...signs) {
  const opened = await open(shared, t, { pages, ...withSigns(...signs) });
  await until(() => opened.server.loads('g'), 'the file');
  return opened;
}

for (const [how, save, thanks] of [
  ['is put in', `document.body.insertAdjacentHTML('beforeend','<p class="thanks">Thank you</p>')`, ''],
  ['is no longer hidden', `thanks.hidden=false`, '<p class="thanks" id="thanks" hidden>Thank you</p>'],
  ['is shown by the class of what it stands in', `box.className=''`, '<div id="box" class="gone"><p class="thanks">Thank you</p></div>'],
  ['is no longer transparent', `thanks.className='thanks'`, '<p class="thanks faint" id="thanks">Thank you</p>'],
  ['gets its class', `thanks.className='thanks'`, '<p id="thanks">We answer within a day</p>'],
  ['is filled', `thanks.textContent='Thank you'`, '<p class="thanks" id="thanks" role="status"> </p>'],
  ['is one more of those in sight', `document.body.append(thanks.cloneNode(true))`, '<p class="thanks" id="thanks">Thank you for coming</p>'],
  ['comes with another route', `history.pushState(0,'','/done');document.body.innerHTML='<p class="thanks">Thank you</p>'`, ''],
]) {
  test(`a form is completed once what says so ${how}, without having been sent`, async (t) => {
    const { page, server, errors } = await openSaved(t, SAVED(save, { thanks }), sign());
    await type(page);
    await looks(page);
    assert.deepEqual(completions(server), []);
    await page.click('#save');
    await until(() => completions(server).length, 'the completion');
    assert.deepEqual(await page.evaluate(() => told), ['done'], 'the goal is reached at once');
    await looks(page);
    await end({ page, server });
    assert.deepEqual(completions(server), [['signup', 'element']], 'once');
    assert.deepEqual(errors, []);
  });
}

test('a form that an element has completed is not given up, nor completed again', async (t) => {
  const { page, server, errors } = await openSaved(
    t,
    SAVED(`thanks.hidden=false`, { thanks: '<p class="thanks" id="thanks" hidden>Thank you</p>', form: 'onsubmit="return false"' }),
    sign(),
  );
  await type(page);
  await page.click('#save');
  await until(() => completions(server).length, 'the completion');
  await page.press('[name=email]', 'Enter');
  await page.evaluate(() => (thanks.hidden = true));
  await looks(page);
  await page.evaluate(() => (thanks.hidden = false));
  await looks(page);
  await page.evaluate(() => signup.remove());
  await page.goto(server.origin + '/elsewhere');
  await until(() => server.of('page_view').length === 2, 'the next page');
  assert.deepEqual(completions(server), [['signup', 'element']]);
  assert.deepEqual(server.of('form_abandoned'), []);
  assert.deepEqual(errors, []);
});

test('what stood there when the form was started says so only once it has gone and come back', async (t) => {
  const { page, server, errors } = await openSaved(t, SAVED('', { thanks: '<p class="thanks" id="thanks">Thank you for coming</p>' }), sign());
  await type(page);
  await looks(page);
  // Rendered anew, it is still what stood there.
  await page.evaluate(() => thanks.replaceWith(thanks.cloneNode(true)));
  await looks(page);
  assert.deepEqual(completions(server), []);
  await page.evaluate(() => (thanks.hidden = true));
  await looks(page);
  assert.deepEqual(completions(server), []);
  await page.evaluate(() => (thanks.hidden = false));
  await until(() => completions(server).length, 'the completion');
  await end({ page, server });
  assert.deepEqual(completions(server), [['signup', 'element']]);
  assert.deepEqual(errors, []);
});

test('what appears for a visitor who has touched no such form completes none', async (t) => {
  const { page, server, errors } = await openSaved(
    t,
    SAVED(`document.body.insertAdjacentHTML('beforeend','<p class="thanks">Thank you</p>')`, { thanks: '<form id="contact"><input name="phone"></form>' }),
    sign(),
  );
  await page.focus('[name=email]');
  await page.type('[name=phone]', '1');
  await page.click('#save');
  await looks(page);
  // Started now, with it in sight.
  await type(page);
  await looks(page);
  await end({ page, server });
  assert.deepEqual(completions(server), []);
  // The same once more is a sign, and not of the other form.
  await page.click('#save');
  await until(() => completions(server).length, 'the completion');
  assert.deepEqual(completions(server), [['signup', 'element']]);
  assert.deepEqual(errors, []);
});

test('without consent nothing completes; with it again the form is started anew', async (t) => {
  const { page, server, errors } = await openSaved(t, SAVED(`thanks.hidden=!thanks.hidden`, { thanks: '<p class="thanks" id="thanks" hidden>Thank you</p>' }), sign());
  await type(page);
  await page.evaluate(() => exitpoll('consent', 'off'));
  await page.click('#save');
  await looks(page);
  await page.click('#save');
  await page.evaluate(() => exitpoll('consent', 'anonymous'));
  await page.click('#save');
  await looks(page);
  await page.click('#save');
  await end({ page, server });
  assert.deepEqual(completions(server), []);
  await type(page);
  await looks(page);
  await page.click('#save');
  await until(() => completions(server).length, 'the completion');
  assert.deepEqual(completions(server), [['signup', 'element']]);
  assert.deepEqual(errors, []);
});

test('what is no selector leaves the others alone, and a click on what says so is no event', async (t) => {
  const { page, server, errors } = await openSaved(
    t,
    SAVED(`thanks.hidden=false`, { thanks: '<p class="thanks" id="thanks" hidden>Thank you</p><p class="other">Other</p>' }),
    sign('..thanks['),
    sign('.thanks', 'sign*'),
    goal('other', { kind: 'click', selector: '.other' }),
  );
  await type(page);
  await page.click('#save');
  await until(() => completions(server).length, 'the completion');
  await page.click('.thanks');
  await page.click('.other');
  await until(() => server.of('click').some(([, , { s }]) => s), 'the click');
  await end({ page, server });
  assert.deepEqual(server.of('click').flatMap(([, , { s = [] }]) => s), ['.other']);
  assert.deepEqual(completions(server), [['signup', 'element']]);
  assert.deepEqual(errors, []);
});

test('the page is looked at only while such a form is under way', async (t) => {
  const { page, server, errors } = await openSaved(t, SAVED(`thanks.hidden=false`, { thanks: '<p class="thanks" id="thanks" hidden>Thank you</p><form id="contact"><input name="phone"></form>' }), sign());
  const asked = () => page.evaluate(() => window.asked);
  await page.evaluate(() => {
    const find = document.querySelectorAll;
    window.asked = 0;
    document.querySelectorAll = (selector) => ((asked += selector === '.thanks'), find.call(document, selector));
  });
  await page.type('[name=phone]', '1');
  await looks(page);
  assert.equal(await asked(), 0);
  await type(page);
  await page.waitForTimeout(2000);
  const before = await asked();
  assert.ok(before > 2 && before < 12, `${before} looks in two seconds`);
  await page.click('#save');
  await until(() => completions(server).length, 'the completion');
  const after = await asked();
  await looks(page);
  assert.equal(await asked(), after);
  assert.deepEqual(errors, []);
});
