// Several questions on one card: steps, back, and what is kept of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, settled, show, until, useBrowser, violations } from './support/browser.mjs';
import { CONTENT, host, prompt } from './support/server.mjs';

const shared = useBrowser();
const text = '<h1>Shop</h1><input id="page_field"><div style="height:2000px"></div>';
const pages = {
  '/': host(text),
  '/dark': host(text, { head: '<style>:root{color-scheme:dark}</style>' }),
};
const questions = [
  CONTENT.questions[0],
  {
    id: 'q2',
    kind: 'multi',
    title: 'What is missing?',
    help: 'Several may be.',
    choices: [
      { id: 'c4', label: 'A trial' },
      { id: 'c5', label: 'An export' },
    ],
    must: 'Choose at least one answer.',
  },
  { id: 'q3', kind: 'text', title: 'What else?' },
];

const begin = async (t, options = {}) => {
  const opened = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, questions, ...options.content } } })),
    ...options,
  });
  const { page } = opened;
  // Nothing leaves a phone through the top edge.
  if (options.context?.hasTouch) await page.evaluate(() => exitpoll('show', 'prm_1'));
  else await show(opened);
  await card(page).waitFor();
  const press = (name) => card(page).getByRole('button', { name, exact: true }).click();
  const heading = () => card(page).getByRole('heading').textContent();
  return { ...opened, press, heading };
};
const states = ({ answers }) => answers.map(({ n, done, v }) => [n, done, v]);

test('each step is kept at once, with one rising number, and the last one completes', async (t) => {
  const { page, server, press, heading } = await begin(t);
  assert.match(await card(page).locator('header').textContent(), /1 of 3/);
  assert.equal(await card(page).getByRole('button', { name: 'Back' }).count(), 0);
  await card(page).getByText('Too expensive').click();
  await press('Next');
  assert.equal(await heading(), 'What is missing?');
  await until(() => server.answers.length === 1, 'the first step');
  await card(page).getByText('A trial').click();
  await card(page).getByText('An export').click();
  await press('Next');
  await card(page).getByRole('textbox', { name: 'What else?' }).fill('Your logo');
  await press('Send');
  await until(() => server.answers.length === 3, 'all steps');
  const [q1, q2] = [{ c: ['c2'] }, { c: ['c4', 'c5'] }];
  assert.deepEqual(states(server), [
    [1, false, { q1 }],
    [2, false, { q1, q2 }],
    [3, true, { q1, q2, q3: { x: 'Your logo' } }],
  ]);
  assert.equal(await card(page).getByText('Thank you. This helps.').first().isVisible(), true);
  assert.equal(server.of('prompt_dismissed').length, 0);
});

test('back shows what was given, and it can be changed', async (t) => {
  const { page, server, press, heading } = await begin(t);
  await card(page).getByText('Something else').click();
  await card(page).getByRole('textbox', { name: 'Something else' }).fill('Slow');
  await press('Next');
  await card(page).getByText('A trial').click();
  await press('Back');
  assert.equal(await heading(), 'What stopped you from finishing?');
  assert.equal(await card(page).getByRole('textbox', { name: 'Something else' }).inputValue(), 'Slow');
  await card(page).getByText('Too expensive').click();
  await press('Next');
  assert.equal(await card(page).getByLabel('A trial').isChecked(), true, 'nothing that was given is lost');
  await press('Not now');
  await until(() => server.answers.at(-1)?.v.q2, 'the last state');
  assert.deepEqual(server.answers.at(-1).v.q1, { c: ['c2'], x: 'Slow' });
});

test('what has to be answered says so beside the field; the rest may be left out', async (t) => {
  const { page, server, press, heading } = await begin(t);
  await card(page).getByText('Too expensive').click();
  await press('Next');
  await press('Next');
  const alert = card(page).getByRole('alert');
  assert.equal(await alert.textContent(), 'Choose at least one answer.');
  const field = card(page).getByLabel('A trial');
  assert.deepEqual(await field.evaluate((e) => [e.getAttribute('aria-invalid'), e.getAttribute('aria-describedby')]), ['true', 'error']);
  assert.equal(await field.evaluate((e) => e.getRootNode().activeElement === e), true);
  await card(page).getByText('A trial').click();
  assert.equal(await card(page).locator('.error').textContent(), '');
  await press('Next');
  assert.equal(await heading(), 'What else?');
  await press('Send');
  await until(() => server.answers.at(-1)?.done, 'the answer');
  assert.deepEqual(Object.keys(server.answers.at(-1).v), ['q1', 'q2']);
});

test('the focus follows to the new question only from inside', async (t) => {
  const opened = await begin(t);
  const { page, server, heading } = opened;
  const inside = () => card(page).locator('.card').evaluate((e) => e.getRootNode().activeElement?.localName ?? '');
  await card(page).getByText('Too expensive').focus();
  await card(page).getByLabel('Too expensive').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  assert.equal(await heading(), 'What is missing?');
  assert.equal(await inside(), 'h2');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  assert.equal(await card(page).getByRole('checkbox', { checked: true }).count(), 1);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Words');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(() => server.answers.at(-1)?.done, 'the answer');
  assert.deepEqual(server.answers.at(-1).v.q3, { x: 'Words' });
});

test('words only are read and gone on from, by their own button, and are no part of the answer', async (t) => {
  const words = { id: 'q1', kind: 'statement', title: 'Two questions, one minute.', help: 'Nobody calls you.', button: 'Begin' };
  const { page, server, press, heading } = await begin(t, { content: { questions: [words, questions[2]] } });
  await settled(page);
  assert.equal(await heading(), 'Two questions, one minute.');
  assert.equal(await card(page).getByText('Nobody calls you.').isVisible(), true);
  assert.deepEqual(await violations(page), []);
  await card(page).getByRole('button', { name: 'Begin' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await heading(), 'What else?');
  await card(page).getByRole('textbox').fill('A logo');
  await press('Send');
  await until(() => server.answers.at(-1)?.done, 'the answer');
  assert.deepEqual(server.answers.at(-1).v, { q3: { x: 'A logo' } });
});

test('nothing given to any question is a card that was closed', async (t) => {
  const optional = questions.map(({ must, ...question }) => question).slice(1);
  const { page, server, press } = await begin(t, { content: { questions: optional } });
  await press('Next');
  await press('Send');
  await card(page).getByText('Thank you.').first().waitFor();
  await page.evaluate(() => exitpoll('track', 'end'));
  await page.goto('about:blank');
  await until(() => server.of('prompt_dismissed').length, 'the end');
  assert.equal(server.of('prompt_dismissed')[0][2].why, 'skipped');
  assert.equal(server.answers.length, 0);
});

const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true };
for (const [name, path, content, context] of [
  ['light', '/', {}, {}],
  ['dark', '/dark', {}, {}],
  ['from right to left', '/', { lang: 'ar', dir: 'rtl' }, {}],
  ['at 320 px', '/', {}, PHONE],
]) {
  test(`axe finds nothing at any step, ${name}`, async (t) => {
    const { page, press } = await begin(t, { path, content, context });
    await settled(page);
    // A choice that is half beneath the buttons of a low sheet is scrolled to: there is no missing its neighbour.
    assert.deepEqual((await violations(page)).filter((one) => context !== PHONE || !one.startsWith('target-size')), []);
    await press('Next');
    assert.deepEqual(await violations(page), [], 'with an error');
    await card(page).getByText('Too expensive').click();
    await press('Next');
    assert.deepEqual(await violations(page), []);
    await card(page).getByText('A trial').click();
    await press('Next');
    assert.deepEqual(await violations(page), []);
    await press('Back');
    assert.deepEqual(await violations(page), []);
  });
}
