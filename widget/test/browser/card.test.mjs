import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, settled, show, until, useBrowser, violations as check } from './support/browser.mjs';
import { CONTENT, host, prompt, SITE } from './support/server.mjs';

const shared = useBrowser();
const text = '<h1>Shop</h1><p>Text of the page.</p><input id="page_field"><div style="height:2000px"></div>';
const pages = {
  '/': host(text),
  '/dark': host(text, { head: '<style>:root{color-scheme:dark}</style>' }),
};
const config = { prompts: [prompt()] };

test('exit, card, choice, answer', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server, errors } = opened;
  await page.evaluate(() => {
    globalThis.seen = [];
    for (const name of ['shown', 'answered', 'completed']) {
      addEventListener('exitpoll:prompt_' + name, ({ detail }) => seen.push(name + ' ' + JSON.stringify(detail)));
    }
  });
  await show(opened);
  assert.equal(server.viewLoads, 1);
  const send = card(page).getByRole('button', { name: 'Send' });
  await send.click();
  assert.equal(await card(page).getByRole('alert').textContent(), 'Choose an answer.');
  assert.equal(server.answers.length, 0);
  await card(page).getByText('Too expensive').click();
  await card(page).getByLabel('Anything to add?').fill('Half the price would do');
  await send.click();
  await until(() => server.answers.length, 'the answer');
  const { t: time, ...answer } = server.answers[0];
  assert.ok(time > 0);
  assert.deepEqual(answer, {
    i: 'token_prm_1',
    n: 1,
    done: true,
    v: { q1: { c: ['c2'], x: 'Half the price would do' } },
  });
  assert.equal(await card(page).getByText('Thank you. This helps.').first().isVisible(), true);
  await until(() => server.of('prompt_started').length === 1 && server.of('prompt_seen').length === 1, 'the life of the card');
  await page.mouse.move(10, 400);
  await card(page).waitFor({ state: 'detached' });
  assert.deepEqual(await page.evaluate(() => seen), [
    'shown {"prompt":"prm_1"}',
    'answered {"prompt":"prm_1"}',
    'completed {"prompt":"prm_1"}',
  ]);
  assert.deepEqual(errors, []);
});

test('thanks stays while the pointer is on it', async (t) => {
  const opened = await open(shared, t, { pages, config });
  await show(opened);
  await card(opened.page).getByText('Too expensive').click();
  await card(opened.page).getByRole('button', { name: 'Send' }).click();
  await card(opened.page).locator('.done').hover();
  await opened.page.waitForTimeout(4500);
  assert.equal(await card(opened.page).count(), 1);
  await opened.page.mouse.move(10, 300);
  await card(opened.page).waitFor({ state: 'detached' });
});

test('"other" opens a line of text in place of the comment', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await show(opened);
  await card(page).getByText('Something else').click();
  await card(page).getByRole('textbox', { name: 'Something else' }).fill('It did not load');
  await card(page).getByRole('button', { name: 'Send' }).click();
  await until(() => server.answers.length, 'the answer');
  assert.deepEqual(server.answers[0].v, { q1: { c: ['other'], x: 'It did not load' } });
});

for (const [kind, question, act, expected] of [
  ['multi', { ...CONTENT.questions[0], kind: 'multi' }, async (page) => {
    await card(page).getByText('Too expensive').click();
    await card(page).getByText('It asks for too much').click();
  }, { q1: { c: ['c1', 'c2'] } }],
  ['text', { id: 'q1', kind: 'text', title: 'What were you looking for?' }, async (page) => {
    await card(page).getByRole('textbox', { name: 'What were you looking for?' }).fill('Opening hours');
  }, { q1: { x: 'Opening hours' } }],
]) {
  test(`a question of kind ${kind}`, async (t) => {
    const opened = await open(shared, t, {
      pages,
      config,
      setup: (peer) => (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, questions: [question] } } })),
    });
    await show(opened);
    await act(opened.page);
    assert.deepEqual(await check(opened.page), []);
    await card(opened.page).getByRole('button', { name: 'Send' }).click();
    await until(() => opened.server.answers.length, 'the answer');
    assert.deepEqual(opened.server.answers[0].v, expected);
  });
}

for (const path of ['/', '/dark']) {
  test(`axe finds nothing on ${path}, at each step`, async (t) => {
    const opened = await open(shared, t, { pages, path, config });
    const { page } = opened;
    await show(opened);
    await settled(page);
    assert.deepEqual(await check(page), []);
    await card(page).getByText('Too expensive').click();
    assert.deepEqual(await check(page), []);
    await card(page).getByRole('button', { name: 'Send' }).click();
    assert.deepEqual(await check(page), []);
    const isDark = await card(page).evaluate((element) => element.classList.contains('dark'));
    assert.equal(isDark, path === '/dark');
  });
}

test('an automatic card does not take the focus; Esc closes it only from inside', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await page.focus('#page_field');
  await show(opened);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'page_field');
  await page.keyboard.press('Escape');
  await page.keyboard.type('hello');
  assert.equal(await page.inputValue('#page_field'), 'hello');
  assert.equal(await card(page).count(), 1);
  await page.evaluate(() => document.addEventListener('keydown', ({ key }) => (globalThis.heard = key)));
  await page.keyboard.press('Shift+Tab');
  for (let presses = 0; presses < 5; presses++) {
    if (await page.evaluate(() => document.activeElement.localName === 'exitpoll-card')) break;
    await page.keyboard.press('Tab');
  }
  await page.evaluate(() => (globalThis.heard = ''));
  await page.keyboard.press('Escape');
  await card(page).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => heard), '', 'keys pressed in the card stay there');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'page_field', 'the focus is back where it came from');
  await page.evaluate(() => exitpoll('track', 'end'));
  await until(() => server.of('prompt_dismissed').length, 'the dismissal');
  assert.equal(server.of('prompt_dismissed')[0][2].why, 'esc');
});

test('a keyboard alone is enough', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await page.evaluate(() => exitpoll('show', 'prm_1', { focus: true }));
  await until(() => server.of('prompt_shown').length, 'the card');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  assert.equal(server.answers.length, 0, 'moving through the choices sends nothing');
  await page.keyboard.press('Tab');
  await page.keyboard.type('because');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(() => server.answers.length, 'the answer');
  assert.deepEqual(server.answers[0].v, { q1: { c: ['c2'], x: 'because' } });
});

for (const [name, why] of [['Close', 'close'], ['Not now', 'later']]) {
  test(`"${name}" closes the card and keeps the choice already made`, async (t) => {
    const opened = await open(shared, t, { pages, config });
    const { page, server } = opened;
    await show(opened);
    await card(page).getByText('Too expensive').click();
    await card(page).getByRole('button', { name }).click();
    await until(() => server.of('prompt_dismissed').length && server.answers.length, 'the dismissal');
    assert.equal(server.of('prompt_dismissed')[0][2].why, why);
    assert.equal(server.answers[0].done, false);
    assert.equal(await card(page).count(), 0);
  });
}

test('the page closes the card that is open, whatever file is missing, and not one that it shows next', async (t) => {
  const { page, server } = await open(shared, t, { pages, config, setup: (peer) => (peer.config.a = 'a.gone.js') });
  const showAgain = (...before) => page.evaluate((names) => (names.map((name) => exitpoll(name)), exitpoll('show', 'prm_1')), before);
  await showAgain();
  await until(() => server.of('prompt_shown').length === 1, 'the card');
  await showAgain('close');
  await until(() => server.of('prompt_shown').length === 2, 'the next card');
  assert.equal(server.of('prompt_dismissed').length, 1);
  assert.equal(await card(page).count(), 1);
  await page.evaluate(() => exitpoll('close'));
  assert.equal(await card(page).count(), 0);
});

test('a choice made is handed over when the page goes, and a complete answer follows with a higher number', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await show(opened);
  await card(page).getByText('Too expensive').click();
  await page.goto('about:blank');
  await until(() => server.answers.length, 'the partial answer');
  assert.deepEqual([server.answers[0].n, server.answers[0].done], [1, false]);
});

test('a hostile style sheet neither hides nor inflates the card', async (t) => {
  const hostile = `<style>*{font-size:40px!important;letter-spacing:9px!important}div,section,form,label{display:none!important}
    exitpoll-card{display:none!important;opacity:0!important;position:static!important;transform:scale(9)!important;visibility:hidden!important}</style>`;
  const opened = await open(shared, t, { pages: { '/': host('<p>Text</p>', { head: hostile }) }, config });
  await show(opened);
  const { page } = opened;
  await settled(page);
  const box = await card(page).locator('.card').boundingBox();
  assert.equal(Math.round(box.width), 344);
  assert.ok(box.height < 420, `height ${box.height}`);
  assert.equal(Math.round(box.x + box.width), 1200 - 16);
  assert.deepEqual(
    await card(page).locator('h2').evaluate((element) => {
      const { fontSize, letterSpacing, visibility } = getComputedStyle(element);
      return [fontSize, letterSpacing, visibility];
    }),
    ['16px', 'normal', 'visible'],
  );
  await card(page).getByText('Too expensive').click();
});

const POLICY = `default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'nonce-abc'; connect-src 'self'`;
for (const [name, policy] of [
  ['strict', POLICY],
  ['strict with trusted types', POLICY + `; require-trusted-types-for 'script'; trusted-types 'none'`],
]) {
  test(`a ${name} content security policy: no violation, and styled`, async (t) => {
    const snippet = `<script nonce="abc">window.violations=[];document.addEventListener('securitypolicyviolation',e=>violations.push(e.violatedDirective))</script>
      <script nonce="abc" async src="/x/${SITE}.js"></script>`;
    const opened = await open(shared, t, {
      pages: { '/': { html: host('<p>Text</p><form id="f"><input name="a"></form>', { snippet }), headers: { 'content-security-policy': policy } } },
      config,
    });
    await show(opened);
    const { page } = opened;
    assert.deepEqual(await page.evaluate(() => violations), []);
    const [radius, position] = await card(page).locator('.card').evaluate((element) => [
      getComputedStyle(element).borderRadius,
      getComputedStyle(element.getRootNode().host).position,
    ]);
    assert.deepEqual([radius, position], ['12px', 'fixed']);
  });
}

for (const [name, begin, end] of [
  ['a dialog', () => {
    document.body.insertAdjacentHTML('beforeend', '<dialog>Cookies?</dialog>');
    document.querySelector('dialog').showModal();
  }, () => document.querySelector('dialog').close()],
  ['a dialog of its own making', () => document.body.insertAdjacentHTML('beforeend', '<div id="ours" role="dialog" aria-modal="true">Cookies?</div>'),
    () => document.querySelector('#ours').remove()],
]) {
  test(`with ${name} of the page open the card waits for it to close`, async (t) => {
    const { page, server } = await open(shared, t, { pages, config });
    await page.evaluate(begin);
    await page.evaluate(() => exitpoll('show', 'prm_1'));
    await until(() => server.of('eligible').length && server.viewLoads, 'the request');
    await page.waitForTimeout(700);
    assert.equal(await card(page).count(), 0);
    await page.evaluate(end);
    await until(() => server.of('prompt_shown').length, 'the card');
    await card(page).getByText('Too expensive').click();
  });
}

test('our own card is not captured', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page, server } = opened;
  await show(opened);
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
  await page.evaluate(() => exitpoll('track', 'end'));
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.events.filter(([, kind]) => /^(click|form|field)/.test(kind)), []);
});

test('nothing moves when the card opens', async (t) => {
  const opened = await open(shared, t, { pages, config });
  const { page } = opened;
  await page.evaluate(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      // As the measure is defined: what follows a click at once is no surprise.
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shift += value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await show(opened);
  await card(page).getByText('Too expensive').click();
  assert.equal(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(shift))))), 0);
});

test('on a phone a sheet of at most 35 % of the screen, up to 80 % after a tap', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config,
    context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  assert.equal(server.batches[0].d, 'touch');
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => server.of('prompt_shown').length, 'the card');
  await settled(page);
  const box = () => card(page).locator('.card').boundingBox();
  const closed = await box();
  assert.ok(closed.height <= 844 * 0.35 + 1, `height ${closed.height}`);
  assert.equal(closed.width, 390);
  assert.equal(Math.round(closed.y + closed.height), 844);
  // By its place on the screen: the sheet must not grow under the finger and put another choice beneath it.
  const choice = await card(page).getByText('Too expensive').boundingBox();
  await page.touchscreen.tap(choice.x + choice.width / 2, choice.y + choice.height / 2);
  assert.equal(await card(page).getByLabel('Too expensive').isChecked(), true);
  const opened = await box();
  assert.ok(opened.height > closed.height && opened.height <= 844 * 0.8 + 1);
  for (const row of await card(page).locator('.row').all()) assert.ok((await row.boundingBox()).height >= 44);
  assert.equal(await card(page).locator('textarea').evaluate((element) => getComputedStyle(element).fontSize), '16px');
});

for (const [dir, side] of [['ltr', 'right'], ['rtl', 'left']]) {
  test(`the card stands at the ${side} (${dir})`, async (t) => {
    const opened = await open(shared, t, {
      pages,
      config,
      setup: (peer) => (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, dir } } })),
    });
    await show(opened);
    await settled(opened.page);
    const { x, width } = await card(opened.page).boundingBox();
    assert.equal(Math.round(side === 'left' ? x : 1200 - x - width), 16);
  });
}

for (const [width, height] of [[390, 844], [320, 640]]) {
  test(`a sheet of ${width} × ${height} that hides choices shows that there are more, and its buttons`, async (t) => {
    const choices = Array.from({ length: 7 }, (_, index) => ({ id: `c${index}`, label: `Reason ${index}` }));
    const { page, server } = await open(shared, t, {
      pages,
      config,
      context: { viewport: { width, height }, hasTouch: true, isMobile: true },
      setup: (peer) =>
        (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, never: 'Don’t ask me again', questions: [{ ...CONTENT.questions[0], choices }] } } })),
    });
    await page.evaluate(() => exitpoll('show', 'prm_1'));
    await until(() => server.of('prompt_shown').length, 'the card');
    await settled(page);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/sheet-${width}.png` });
    const box = (name) => card(page).getByRole('button', { name }).boundingBox();
    const { y } = await card(page).locator('.card').boundingBox();
    assert.ok(height - y <= height * 0.35 + 1);
    for (const name of ['Send', 'Not now']) assert.ok((await box(name)).y + 44 <= height, `${name} is in sight`);
    const first = await card(page).getByText('Reason 0').boundingBox();
    assert.ok(first.y + first.height <= (await box('Send')).y, 'and so is a choice');

    await card(page).getByText('Reason 0').tap();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/sheet-${width}-open.png` });
    const [send, never] = [await box('Send'), await box('Don’t ask me again')];
    assert.ok(never.y + never.height <= height && never.y > send.y);
    // Words that have no frame begin where the frame above them begins.
    assert.equal(await card(page).getByRole('button', { name: 'Don’t ask me again' }).evaluate((button) => {
      const range = document.createRange();
      range.selectNodeContents(button);
      return range.getBoundingClientRect().x;
    }), send.x);
  });
}

test('a dialog of the page that stays until the page goes kept the card away, and the record says so', async (t) => {
  const { page, server } = await open(shared, t, { pages, config });
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<dialog>Cookies?</dialog>');
    document.querySelector('dialog').showModal();
  });
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => server.of('eligible').length && server.viewLoads, 'the request');
  await page.waitForTimeout(700);
  await page.goto('about:blank');
  await until(() => server.of('prompt_failed').length, 'the record');
  assert.deepEqual(server.of('prompt_failed').map(([, , props]) => props), [{ p: 'prm_1', why: 'modal' }]);
  assert.equal(server.of('prompt_shown').length, 0);
});
