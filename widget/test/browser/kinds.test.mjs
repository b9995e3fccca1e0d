// Every kind of question: by pointer and by keyboard to a sent answer, with its error, in every look.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, settled, show, until, useBrowser, violations } from './support/browser.mjs';
import { CONTENT, host, prompt } from './support/server.mjs';
import { KINDS } from './support/questions.mjs';

const shared = useBrowser();
const text = '<h1>Shop</h1><input id="page_field"><div style="height:2000px"></div>';
const pages = {
  '/': host(text),
  '/dark': host(text, { head: '<style>:root{color-scheme:dark}</style>' }),
};

const begin = async (t, question, { content, path, ...options } = {}) => {
  const opened = await open(shared, t, {
    pages,
    path,
    config: { prompts: [prompt()] },
    setup: (peer) =>
      (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, questions: [question], kinds: peer.names.k, ...content } } })),
    ...options,
  });
  const { page } = opened;
  await page.evaluate(() => exitpoll('show', 'prm_1', { focus: true }));
  await card(page).waitFor();
  await settled(page);
  return opened;
};
const send = (page) => card(page).getByRole('button', { name: 'Send' }).click();
/** Names of the keys that were pressed one after the other. */
const type = async (page, keys) => {
  for (const key of keys) await (key.length > 1 || key === ' ' ? page.keyboard.press(key === ' ' ? 'Space' : key) : page.keyboard.type(key));
};

for (const [name, { question, act, keys, expected, wrong }] of Object.entries(KINDS)) {
  test(`${name}: nothing missing for axe, an error beside the field, an answer by pointer`, async (t) => {
    const { page, server, errors } = await begin(t, question);
    assert.deepEqual(await violations(page), []);
    if (question.must) {
      await send(page);
      const alert = card(page).getByRole('alert');
      assert.equal(await alert.textContent(), question.must);
      assert.deepEqual(await violations(page), [], 'with the error');
      assert.equal(server.answers.length, 0);
    }
    if (wrong) {
      await wrong(card(page), page);
      await send(page);
      assert.equal(await card(page).getByRole('alert').textContent(), question.wrong);
      assert.equal(await card(page).locator('[aria-invalid]').first().getAttribute('aria-describedby'), 'error');
    }
    await act(card(page), page);
    assert.deepEqual(await violations(page), [], 'answered');
    if (question.kind !== 'link') await send(page);
    await until(() => server.answers.at(-1)?.done, 'the answer');
    assert.deepEqual(server.answers.at(-1).v, { q1: expected });
    await card(page).getByText('Thank you.').first().waitFor();
    assert.deepEqual(await violations(page), [], 'thanked');
    assert.deepEqual(errors, []);
  });

  if (keys) {
    test(`${name}: by keyboard alone`, async (t) => {
      const { page, server } = await begin(t, question);
      await type(page, keys);
      await until(() => server.answers.at(-1)?.done, 'the answer');
      assert.deepEqual(server.answers.at(-1).v, { q1: expected });
    });
  }

  test(`${name}: axe finds nothing, dark, from right to left and at 320 px`, async (t) => {
    let words = { lang: 'en', dir: 'ltr' };
    const opened = await open(shared, t, {
      pages,
      path: '/dark',
      config: { prompts: [prompt()] },
      setup: (peer) =>
        (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, ...words, questions: [question], kinds: peer.names.k } } })),
    });
    const { page } = opened;
    for (const look of ['dark', 'from right to left', 'at 320 px']) {
      if (look === 'from right to left') words = { lang: 'ar', dir: 'rtl' };
      if (look === 'at 320 px') await page.setViewportSize({ width: 320, height: 640 });
      // Closing waits for the file of commands: a card that is asked for at once may be there before it.
      await page.evaluate(() => exitpoll('close'));
      await card(page).waitFor({ state: 'detached' });
      await page.evaluate(() => exitpoll('show', 'prm_1', { focus: true }));
      await card(page).waitFor();
      await settled(page);
      assert.deepEqual(await violations(page), [], look);
      const cardElement = card(page).locator('.card');
      assert.equal(await cardElement.evaluate((element) => element.scrollWidth <= element.clientWidth), true, `nothing sticks out ${look}`);
    }
    const targets = await card(page).locator('.row,.cell,button,.go,select,form>input').evaluateAll((all) =>
      all.map((element) => [element.outerHTML, element.getBoundingClientRect()]).filter(([, { width }]) => width),
    );
    for (const [html, { width, height }] of targets) assert.ok(height >= 43.9 && width >= 39, `${html}: ${width} × ${height}`);
  });
}

test('the file of further kinds is fetched only for a prompt that needs it', async (t) => {
  const { page, server } = await begin(t, KINDS.single.question, { content: { kinds: undefined } });
  assert.equal(server.loads('k'), 0);
  await card(page).getByRole('button', { name: 'Not now' }).click();
});

test('a card whose further kinds do not come says so and leaves the page alone', async (t) => {
  const opened = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) =>
      (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, questions: [KINDS.date.question], kinds: 'k.gone.js' } } })),
  });
  await opened.page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => opened.server.of('prompt_failed').length, 'the failure');
  assert.equal(opened.server.of('prompt_failed')[0][2].why, 'failed');
  assert.deepEqual(opened.errors, []);
});

test('a ranking is put in order by pointer', async (t) => {
  const { page, server } = await begin(t, KINDS.ranking.question);
  await card(page).getByText('Support').dragTo(card(page).getByText('Price'));
  await send(page);
  await until(() => server.answers.at(-1)?.done, 'the answer');
  assert.deepEqual(server.answers.at(-1).v.q1.c, ['c3', 'c1', 'c2']);
});

test('an address is not handed over before the visitor has sent it', async (t) => {
  const { page, server } = await begin(t, KINDS.email.question);
  await card(page).getByRole('textbox').fill('me@example.com');
  await card(page).getByRole('button', { name: 'Close' }).click();
  await page.evaluate(() => exitpoll('track', 'end'));
  await page.goto('about:blank');
  await until(() => server.of('prompt_dismissed').length, 'the end');
  assert.equal(server.answers.length, 0);
});

test('at twice the size everything can be reached', async (t) => {
  const { page } = await begin(t, KINDS.nps.question, { context: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 } });
  await page.evaluate(() => (document.documentElement.style.zoom = 2));
  const button = card(page).getByRole('button', { name: 'Send' });
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= 400, JSON.stringify(box));
});

test('nothing moves for those who want it so', async (t) => {
  const { page } = await begin(t, KINDS.single.question, { context: { reducedMotion: 'reduce' } });
  const moving = () =>
    card(page)
      .locator('.card')
      .evaluate((element) =>
        [element, ...element.querySelectorAll('*')].filter((one) => {
          const { animationName, transitionDuration } = getComputedStyle(one);
          return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
        }).length,
      );
  assert.equal(await moving(), 0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.evaluate(() => (exitpoll('close'), exitpoll('show', 'prm_1')));
  await card(page).locator('.card').waitFor();
  assert.ok((await moving()) > 0, 'it comes in otherwise');
});

for (const name of ['single', 'rating', 'consent']) {
  test(`${name}: what is chosen is told in the colours of the system too`, async (t) => {
    const { page } = await begin(t, KINDS[name].question, { context: { forcedColors: 'active' } });
    const look = () =>
      card(page).locator('.row, .cell').evaluateAll((rows) =>
        rows.map((row) => {
          const { borderColor, backgroundColor, outline, borderWidth } = getComputedStyle(row);
          return [borderColor, backgroundColor, outline, borderWidth].join();
        }),
      );
    const before = await look();
    await KINDS[name].act(card(page), page);
    assert.notDeepEqual(await look(), before);
    assert.notEqual(await card(page).locator('.card').evaluate((element) => getComputedStyle(element).borderStyle), 'none');
  });
}

test('the keyboard of a phone does not cover the field that is written in', async (t) => {
  // Chromium's own emulation opens no keyboard: what it does to the page is a smaller visual viewport.
  const KEYBOARD = 380;
  const { page } = await begin(t, KINDS.text.question, { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  await card(page).getByRole('textbox').tap();
  await page.evaluate((keyboard) => {
    Object.defineProperty(visualViewport, 'height', { value: innerHeight - keyboard });
    visualViewport.dispatchEvent(new Event('resize'));
  }, KEYBOARD);
  for (const part of [card(page).getByRole('textbox'), card(page).getByRole('button', { name: 'Send' })]) {
    await part.scrollIntoViewIfNeeded();
    const { y, height } = await part.boundingBox();
    assert.ok(y >= 0 && y + height <= 844 - KEYBOARD, `${y} and ${height} of ${844 - KEYBOARD}`);
  }
});
