// A tab or a button of the page beside other cards: a deliberate click always does something.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, settled, until, useBrowser } from './support/browser.mjs';
import { CONTENT, host, prompt } from './support/server.mjs';

const shared = useBrowser();
const pages = { '/': host('<h1>Shop</h1><button id="say">Tell us</button><div style="height:2000px"></div>') };
const TAB = { id: 'prm_tab', way: 'tab', pages: ['*'], label: 'Feedback', lang: 'en', dir: 'ltr', side: 'right', css: CONTENT.css };
const BUTTON = { id: 'prm_button', way: 'button', pages: ['*'], at: '#say' };
const choices = Array.from({ length: 7 }, (_, index) => ({ id: `c${index}`, label: `Reason number ${index}, in some more words than one` }));

/** A page with a tab, a button, and a question that comes by itself; each has a title of its own. */
async function world(t, { content = {}, places = [TAB, BUTTON], ...options } = {}) {
  const opened = await open(shared, t, {
    pages,
    config: { prompts: [prompt(), prompt({ at: [] }, 'prm_tab'), prompt({ at: [] }, 'prm_button')], places },
    setup(server) {
      server.config.x = { document: server.names.s };
      server.decide = (p) => ({
        p,
        show: { token: 'token_' + p, content: { ...CONTENT, questions: [{ ...CONTENT.questions[0], title: p }], ...(p === 'prm_1' && content) } },
      });
    },
    ...options,
  });
  const { page } = opened;
  await page.locator('exitpoll-tab').waitFor({ state: 'attached' });
  const title = (name) => card(page).getByRole('heading', { name });
  /** The question of a moment. */
  const ask = async () => {
    await page.evaluate(() => exitpoll('show', 'prm_1'));
    await title('prm_1').waitFor();
    await settled(page);
  };
  return { ...opened, title, ask, tab: page.locator('exitpoll-tab button') };
}

test('a click on the tab takes the place of a finished card at once', async (t) => {
  const { page, title, tab } = await world(t);
  await tab.click();
  for (const name of ['prm_tab', 'prm_button']) {
    await title(name).waitFor();
    await card(page).getByText('Too expensive').click();
    await card(page).getByRole('button', { name: 'Send' }).click();
    await card(page).locator('.done').hover();
    await (name === 'prm_tab' ? page.locator('#say') : tab).click();
  }
  await title('prm_tab').waitFor();
  await card(page).getByText('Too expensive').click();
  await card(page).getByRole('button', { name: 'Send' }).click();
  await card(page).locator('.done').hover();
  await tab.click();
  await title('prm_tab').waitFor();
  assert.equal(await card(page).count(), 1);
});

test('a click on the tab closes another card, keeps what was given to it, and opens its own', async (t) => {
  const { server, page, title, tab, ask } = await world(t);
  await ask();
  await card(page).getByText('Too expensive').click();
  await tab.click();
  await title('prm_tab').waitFor();
  assert.equal(await card(page).count(), 1);
  await until(() => server.answers.length && server.of('prompt_dismissed').length, 'what was given');
  assert.deepEqual(server.answers.map(({ i, done, v }) => [i, done, v]), [['token_prm_1', false, { q1: { c: ['c2'] } }]]);
  assert.deepEqual(server.of('prompt_dismissed')[0][2], { p: 'prm_1', why: 'close' });
  await tab.click();
  await card(page).waitFor({ state: 'detached' });
});

test('who has just written, sent and closed, and asks again, does not wait', async (t) => {
  const { page, title, tab } = await world(t);
  await tab.click();
  await title('prm_tab').waitFor();
  await card(page).getByText('Too expensive').click();
  await card(page).getByLabel('Anything to add?').click();
  // The first key after each look is heard.
  for (const end = Date.now() + 3500; Date.now() < end; ) await page.keyboard.type('so ', { delay: 100 });
  await card(page).getByRole('button', { name: 'Send' }).click();
  await card(page).getByRole('button', { name: 'Close' }).click();
  await card(page).waitFor({ state: 'detached' });
  await tab.click();
  await title('prm_tab').waitFor({ timeout: 900 });
});

test('after a question that stands in the page, one click on the tab is enough', async (t) => {
  const inline = { id: 'prm_1', way: 'inline', pages: ['*'], at: '#room' };
  const { page, title, tab } = await world(t, {
    places: [TAB, inline],
    pages: { '/': host('<div id="room" style="height:400px"></div>') },
  });
  await title('prm_1').waitFor();
  await tab.click();
  await title('prm_tab').waitFor();
  await page.keyboard.press('Escape');
  await title('prm_tab').waitFor({ state: 'detached' });
  await page.locator('#room').getByText('Too expensive').click();
  await tab.click();
  await title('prm_tab').waitFor();
});

for (const side of ['right', 'left']) {
  test(`a card at the ${side} stands beside the tab`, async (t) => {
    const { page, tab, ask } = await world(t, {
      places: [{ ...TAB, side }],
      content: {
        questions: [{ ...CONTENT.questions[0], title: 'prm_1', choices }],
        css: CONTENT.css + (side === 'left' ? '@media (min-width:481px){:host{inset-inline:16px auto!important}}' : ''),
      },
      context: { viewport: { width: 1280, height: 800 } },
    });
    await ask();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/tab-${side}.png` });
    const [of, at] = await Promise.all([tab.boundingBox(), card(page).locator('.card').boundingBox()]);
    assert.ok(at.y < of.y + of.height, 'as tall as the tab is high');
    assert.ok(side === 'right' ? at.x + at.width < of.x : at.x > of.x + of.width, JSON.stringify([of, at]));
    assert.equal(at.width, 344);
    await tab.click();
  });
}

test('on a phone the sheet keeps the width of the screen', async (t) => {
  const { page, ask } = await world(t, { context: { viewport: { width: 390, height: 844 }, hasTouch: true } });
  await ask();
  assert.equal((await card(page).locator('.card').boundingBox()).width, 390);
});
