import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exitUntil, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();

const form = (attributes = 'id="signup" method="post" action="/done"', more = '') =>
  `<form ${attributes}><input name="email" type="email" required><input name="phone"><select name="size"><option>a<option>b</select>${more}<button>Go</button></form>`;
const filler = '<div style="height:3000px">Text</div>';
const pages = {
  '/': host(form() + filler),
  '/script': host(`<div id="place">${form()}</div><script>document.addEventListener('submit',e=>e.preventDefault())</script>` + filler),
  '/done': host('<h1>Thank you</h1>'),
};

const openForm = (t, options = {}) => open(shared, t, { pages, ...options });

const forms = (server) => server.events.filter(([, kind]) => /^(form|field)_/.test(kind)).map(([, kind, props]) => ({ kind, ...props }));
const kinds = (server) => forms(server).map(({ kind }) => kind);
const flush = (page) => page.evaluate(() => exitpoll('show', 'prm_none'));
const type = async (page, text = 'a@b.example', name = 'email') => {
  await page.locator(`[name=${name}]`).first().click();
  await page.keyboard.type(text);
};
const started = async ({ page, server }) => {
  await type(page);
  await flush(page);
  await until(() => server.of('form_started').length, 'the start');
};

test('viewed after a second, focused, started by the first change', async (t) => {
  const { page, server } = await openForm(t);
  await until(() => server.of('form_viewed').length, 'the view');
  await page.focus('[name=email]');
  await page.keyboard.type('me');
  await page.keyboard.press('Tab');
  await page.keyboard.type('5');
  await flush(page);
  await until(() => server.of('field_focused').length === 2, 'the events');
  assert.deepEqual(forms(server), [
    { kind: 'form_viewed', f: 'signup', l: '' },
    { kind: 'field_focused', f: 'signup', n: 'email' },
    { kind: 'form_started', f: 'signup', n: 'email' },
    { kind: 'field_focused', f: 'signup', n: 'phone' },
  ]);
});

test('watching a form fetches nothing: the second file is for a card that is about to open', async (t) => {
  const opened = await openForm(t);
  await started(opened);
  await until(() => opened.server.of('form_viewed').length, 'the view');
  assert.equal(opened.server.viewLoads, 0);
});

test('a native submit that leads to another page is a weak completion and no abandonment', async (t) => {
  const { page, server } = await openForm(t);
  await type(page);
  await page.click('button');
  await page.waitForURL('**/done');
  await until(() => server.of('form_completed').length, 'the completion');
  assert.deepEqual(server.of('form_completed')[0][2], { f: 'signup', by: 'weak' });
  assert.equal(server.of('form_attempted').length, 1);
  assert.equal(server.of('form_abandoned').length, 0);
});

test('a prevented submit is an attempt only', async (t) => {
  const opened = await openForm(t, { path: '/script' });
  const { page, server } = opened;
  await started(opened);
  await page.click('button');
  await flush(page);
  await until(() => server.of('form_attempted').length, 'the attempt');
  assert.equal(server.of('form_completed').length, 0);
});

for (const [name, act] of [
  ['removed', (page) => page.evaluate(() => document.querySelector('form').remove())],
  ['hidden', (page) => page.evaluate(() => (document.querySelector('form').style.display = 'none'))],
  ['reset', (page) => page.evaluate(() => document.querySelector('form').reset())],
  // As Contact Form 7 and many with Bootstrap's alerts say that it worked; words in such a place are no error.
  ['reset below an alert that says thank you', async (page) => {
    await page.evaluate(() => document.querySelector('form').insertAdjacentHTML('beforeend', '<div role="alert" class="alert alert-success">Thank you for your message.</div>'));
    await page.waitForTimeout(3_500);
    await page.evaluate(() => document.querySelector('form').reset());
  }],
  ['left for another route', (page) => page.evaluate(() => history.pushState(null, '', '/welcome'))],
]) {
  test(`weak completion: attempted, then ${name}`, async (t) => {
    const opened = await openForm(t, { path: '/script' });
    const { page, server } = opened;
    await started(opened);
    await page.click('button');
    await act(page);
    await until(() => server.of('form_completed').length, 'the completion');
    assert.deepEqual(server.of('form_completed')[0][2], { f: 'signup', by: 'weak' });
    await page.goto('about:blank');
    await until(() => server.of('page_hidden').length, 'the end');
    assert.equal(server.of('form_abandoned').length, 0, 'a completed form is never abandoned');
    assert.equal(server.of('form_failed').length, 0, 'nothing was wrong');
  });
}

test('a form rendered anew is the same form', async (t) => {
  const opened = await openForm(t, { path: '/script' });
  const { page, server } = opened;
  await started(opened);
  await page.evaluate(() => {
    const place = document.getElementById('place');
    place.innerHTML = String(place.innerHTML);
  });
  await page.waitForTimeout(200);
  await type(page, 'x', 'phone');
  await flush(page);
  await until(() => server.of('field_focused').length === 2, 'the second field');
  assert.equal(server.of('form_started').length, 1);
  assert.equal(server.of('form_abandoned').length, 0);
});

test('exitpoll form_complete counts once, and prevents abandonment', async (t) => {
  const opened = await openForm(t, {
    config: { goals: [{ id: 'gl_done', rule: { kind: 'form_completed', form: 'signup' } }] },
  });
  const { page, server } = opened;
  await started(opened);
  await page.evaluate(() => {
    addEventListener('exitpoll:goal', ({ detail }) => (globalThis.goal = detail.goal));
    exitpoll('form_complete', 'signup');
    exitpoll('form_complete', 'signup');
  });
  assert.equal(await page.evaluate(() => goal), 'gl_done');
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.of('form_completed').map(([, , props]) => props), [{ f: 'signup' }]);
  assert.equal(server.of('form_abandoned').length, 0);
});

test('an invalid form fails with the name of the field, and left soon after the reason is the error', async (t) => {
  const opened = await openForm(t);
  const { page, server } = opened;
  await type(page, 'no address');
  await page.click('button');
  await flush(page);
  await until(() => server.of('form_failed').length, 'the failure');
  assert.deepEqual(server.of('form_failed')[0][2], { f: 'signup', n: 'email' });
  await page.goto('about:blank');
  await until(() => server.of('form_abandoned').length, 'the abandonment');
  assert.equal(server.of('form_abandoned')[0][2].why, 'after_error');
});

test('aria-invalid turning true after an attempt is a failure, before one it is not', async (t) => {
  const opened = await openForm(t, { path: '/script' });
  const { page, server } = opened;
  const mark = () => page.evaluate(() => document.querySelector('[name=email]').setAttribute('aria-invalid', 'true'));
  await started(opened);
  await mark();
  await page.evaluate(() => document.querySelector('[name=email]').removeAttribute('aria-invalid'));
  await page.click('button');
  await mark();
  await page.waitForTimeout(50);
  await flush(page);
  await until(() => server.of('form_failed').length, 'the failure');
  assert.deepEqual(kinds(server).filter((kind) => /attempted|failed/.test(kind)), ['form_attempted', 'form_failed']);
});

for (const [why, act] of [
  ['navigated', (page) => page.goto('about:blank')],
  ['closed', (page) => page.evaluate(() => document.querySelector('form').remove())],
]) {
  test(`abandoned: ${why}`, async (t) => {
    const opened = await openForm(t);
    const { page, server } = opened;
    await started(opened);
    await act(page);
    await page.waitForTimeout(200);
    if (why === 'closed') await flush(page);
    await until(() => server.of('form_abandoned').length, 'the abandonment');
    assert.deepEqual(server.of('form_abandoned').map(([, , props]) => props), [{ f: 'signup', n: 'email', why }]);
  });
}

test('abandoned: the page is hidden while it stays open', async (t) => {
  const opened = await openForm(t);
  const { page, server } = opened;
  await started(opened);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await until(() => server.of('form_abandoned').length, 'the abandonment');
  assert.deepEqual(server.of('form_abandoned').map(([, , props]) => props), [{ f: 'signup', n: 'email', why: 'hidden' }]);
});

test('abandoned: the pointer leaves the window', async (t) => {
  const opened = await openForm(t);
  const { page, server } = opened;
  await started(opened);
  await page.waitForTimeout(4100);
  await exitUntil(page, () => (page.evaluate(() => exitpoll('track', 'later')), server.of('form_abandoned').length), 'the abandonment');
  assert.deepEqual(server.of('form_abandoned').map(([, , props]) => props), [{ f: 'signup', n: 'email', why: 'exit_mouse' }]);
});

/** Minutes are passed on a clock of the page; pointer moves keep the visitor present. */
async function stay(page, seconds) {
  for (let passed = 0; passed < seconds; passed += 5) {
    await page.clock.runFor(5000);
    await page.mouse.move(300 + (passed % 50), 300);
  }
}

test('abandoned: stalled after a minute, and asked at that moment', async (t) => {
  const { server, page } = await open(shared, t, {
    pages,
    goto: false,
    config: {
      goals: [{ id: 'gl_start', rule: { kind: 'form_started', form: 'signup' } }],
      prompts: [prompt({ after: 'gl_start', at: ['stalled'], form: 'signup' })],
    },
  });
  await page.clock.install();
  await page.goto(server.origin + '/');
  await page.clock.runFor(1000);
  await type(page);
  await until(() => server.of('form_started').length, 'the start, sent at once because it is a goal');
  await stay(page, 50);
  assert.equal(server.of('eligible').length, 0);
  await stay(page, 20);
  await until(() => server.of('eligible').length, 'the question');
  assert.deepEqual(server.of('form_abandoned')[0][2], { f: 'signup', n: 'email', why: 'stalled' });
  assert.equal(server.of('eligible')[0][2].m, 'stalled');
});

test('abandoned: scrolled away for twenty seconds', async (t) => {
  const { server, page } = await open(shared, t, { pages, goto: false });
  await page.clock.install();
  await page.goto(server.origin + '/');
  await page.clock.runFor(1000);
  await type(page);
  await page.mouse.wheel(0, 2000);
  await page.waitForFunction(() => scrollY > 1000);
  await stay(page, 15);
  assert.equal(server.of('form_abandoned').length, 0);
  await stay(page, 20);
  await until(() => server.of('form_abandoned').length, 'the abandonment');
  assert.equal(server.of('form_abandoned')[0][2].why, 'scrolled_away');
});

test('of several forms with one key the one that was touched is followed', async (t) => {
  const { server, page } = await open(shared, t, { pages: { '/': host(form('action="/cart"') + filler + form('action="/cart"')) }, goto: false });
  await page.clock.install();
  await page.goto(server.origin + '/');
  await page.clock.runFor(3000);
  await type(page);
  await stay(page, 30);
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.of('form_abandoned').map(([, , { f, why }]) => [f, why]), [['/cart', 'navigated']]);
});

for (const [name, html] of [
  ['a hidden copy of it stands elsewhere', form('action="/cart"') + `<div style="display:none">${form('action="/cart"')}</div>`],
  ['it has no box of its own', form('action="/cart" style="display:contents"')],
]) {
  test(`a form that can be seen is not closed when ${name}`, async (t) => {
    const { server, page } = await open(shared, t, { pages: { '/': host(html) }, goto: false });
    await page.clock.install();
    await page.goto(server.origin + '/');
    await page.clock.runFor(3000);
    await type(page);
    await page.evaluate(() => document.activeElement.blur());
    await stay(page, 10);
    await flush(page);
    await until(() => server.of('form_started').length, 'the start');
    assert.equal(server.of('form_viewed').length, 1);
    assert.equal(server.of('form_abandoned').length, 0);
  });
}

test('a form that grows is not left by whoever is in it', async (t) => {
  const opened = await openForm(t, { pages: { '/': host('<div id="place"><form><input name="a"></form></div>') } });
  const { page, server } = opened;
  await type(page, 'x', 'a');
  await page.evaluate(() => {
    place.innerHTML = '<form><input name="a"><input name="b"></form>';
    place.querySelector('input').focus();
  });
  await page.waitForTimeout(1500);
  await flush(page);
  await until(() => server.of('field_focused').length === 2, 'the new field');
  assert.equal(server.of('form_abandoned').length, 0);
});

test('a form whose fields have no names starts too, and so does one that posts a field called s', async (t) => {
  const opened = await openForm(t, { pages: { '/': host('<form id="bare"><input></form><form id="posts" method="post"><input name="s"></form>') } });
  const { page, server } = opened;
  for (const id of ['bare', 'posts']) {
    await page.click(`#${id} input`);
    await page.keyboard.type('x');
  }
  await flush(page);
  await until(() => server.of('form_started').length === 2, 'both');
  assert.deepEqual(server.of('form_started').map(([, , { f }]) => f), ['bare', 'posts']);
});

test('whoever leaves the page after an error is not asked on a page that is gone', async (t) => {
  const opened = await openForm(t, {
    config: {
      goals: [{ id: 'gl_start', rule: { kind: 'form_started', form: 'signup' } }],
      prompts: [prompt({ after: 'gl_start', at: ['leave_form'], form: 'signup' })],
    },
  });
  const { page, server } = opened;
  await type(page, 'no address');
  await page.click('button');
  await page.goto('about:blank');
  await until(() => server.of('form_abandoned').length, 'the abandonment');
  assert.equal(server.of('eligible').filter(([, , { p }]) => p === 'prm_1').length, 0);
});

test('a closed form asks at once', async (t) => {
  const opened = await openForm(t, {
    config: {
      goals: [{ id: 'gl_start', rule: { kind: 'form_started', form: 'signup' } }],
      prompts: [prompt({ after: 'gl_start', at: ['leave_form'], form: 'signup' })],
    },
  });
  const { page, server } = opened;
  await started(opened);
  await page.waitForTimeout(2100);
  await page.evaluate(() => document.querySelector('form').remove());
  await until(() => server.of('prompt_shown').length, 'the card');
  assert.equal(server.of('eligible').find(([, , { p }]) => p === 'prm_1')[2].m, 'leave_form');
});

for (const [expected, attributes] of [
  ['marked', 'data-exitpoll-form="marked" id="x" name="y" action="/z"'],
  ['by_id', 'id="by_id" name="y" action="/z"'],
  ['by_name', 'name="by_name" action="/z"'],
  ['/newsletter/join', 'action="/newsletter/join?from=footer"'],
]) {
  test(`a form is known as ${expected}`, async (t) => {
    const opened = await openForm(t, { pages: { '/': host(form(attributes)) } });
    await started(opened);
    assert.equal(opened.server.of('form_started')[0][2].f, expected);
  });
}

test('a form without any name is known by its fields and their order', async (t) => {
  const opened = await openForm(t, { pages: { '/': host(form('')) } });
  await started(opened);
  assert.match(opened.server.of('form_started')[0][2].f, /^form_email,phone,size$/);
});

test('a marked container is a form', async (t) => {
  const opened = await openForm(t, {
    pages: { '/': host('<div data-exitpoll-form="configurator"><input name="email"><button>Go</button></div>') },
  });
  const { page, server } = opened;
  await started(opened);
  await page.click('button');
  await flush(page);
  await until(() => server.of('form_attempted').length, 'the attempt');
  assert.equal(server.of('form_attempted')[0][2].f, 'configurator');
});

for (const [name, html] of [
  ['a search', '<form role="search"><input name="email"><input name="b"></form>'],
  ['a search with one field', '<form><input name="q"></form>'],
  ['a login', '<form><input name="email"><input type="password" name="p" autocomplete="current-password"></form>'],
  ['an ignored form', '<form data-exitpoll-ignore><input name="email"></form>'],
  ['a form in an ignored part', '<div data-exitpoll-ignore><form><input name="email"></form></div>'],
]) {
  test(`not for us: ${name}`, async (t) => {
    const { page, server } = await open(shared, t, {
      pages: { '/': host(html + '<form id="other"><input name="phone"></form>') },
    });
    await page.click('input');
    await page.keyboard.type('something');
    await type(page, '1', 'phone');
    await flush(page);
    await until(() => server.of('form_started').length, 'the other form');
    assert.deepEqual([...new Set(forms(server).map(({ f }) => f))], ['other']);
  });
}

test('a form that becomes one to log in with is left alone from the next look on', async (t) => {
  const html = '<form id="account" onsubmit="return false"><input name="email"><p></p><button>Next</button></form>';
  const opened = await open(shared, t, { pages: { '/': host(html + '<main></main>') } });
  const { page, server } = opened;
  await type(page, '1', 'email');
  await page.evaluate(() => {
    document.querySelector('p').innerHTML = '<input type="password" name="p" autocomplete="current-password">';
    // A form that is seen at the next look tells of it.
    document.querySelector('main').innerHTML = '<form id="later"><input name="phone"></form>';
  });
  await until(() => server.of('form_viewed').some(([, , { f }]) => f === 'later'), 'the next looks');
  await page.locator('[name=p]').pressSequentially('x1');
  await page.keyboard.press('Enter');
  await type(page, '1', 'phone');
  await flush(page);
  await until(() => forms(server).some(({ f, n }) => f === 'later' && n === 'phone'), 'the other form');
  assert.deepEqual(server.of('form_attempted'), []);
});

test('nothing typed, and no secret field, appears in any request', async (t) => {
  const CANARY = 'Canary';
  const secret = [
    ['type="password" name="secret_pass"', 'secret_pass'],
    ['name="otp" autocomplete="one-time-code"', 'otp'],
    ['name="pan" autocomplete="cc-number"', 'pan'],
    ['name="new_one" autocomplete="new-password"', 'new_one'],
    ['name="card_number"', 'card_number'],
    ['name="cvv"', 'cvv'],
    ['name="my_ssn"', 'my_ssn'],
    ['name="IBAN"', 'IBAN'],
    ['id="client_secret"', 'client_secret'],
  ];
  const plain = ['text', 'email', 'tel', 'url', 'search', 'number', 'date'];
  const html = `<form id="all" data-exitpoll-form="all" method="post" action="/done">
    ${secret.map(([attributes]) => `<input ${attributes}>`).join('')}
    ${plain.map((kind) => `<input type="${kind}" name="plain_${kind}">`).join('')}
    <textarea name="story"></textarea><select name="size"><option>a<option value="${CANARY}">b</select>
    <input type="hidden" name="token_hidden" value="${CANARY}"><input type="file" name="upload">
    <div contenteditable id="editable"></div><button>Go</button></form>`;
  const { page, server } = await openForm(t, { pages: { '/': host(html), '/done': host('<p>Done</p>') } });
  for (const input of await page.locator('input:not([type=hidden],[type=file]),textarea,[contenteditable]').all()) {
    const kind = await input.getAttribute('type');
    await input.focus();
    if (kind === 'number') await page.keyboard.type('7274913');
    else if (kind === 'date') await input.fill('1987-06-05');
    else await page.keyboard.type(CANARY);
  }
  await page.selectOption('select', CANARY);
  await page.setInputFiles('[type=file]', { name: CANARY + '.txt', mimeType: 'text/plain', buffer: Buffer.from(CANARY) });
  await page.click('button');
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  const wire = server.bodies.join('\n');
  assert.match(wire, /plain_text/);
  assert.doesNotMatch(wire, new RegExp(`${CANARY}|7274913|1987`, 'i'));
  for (const [, name] of secret) assert.ok(!wire.includes(name), name);
  assert.doesNotMatch(wire, /token_hidden|upload/);
});
