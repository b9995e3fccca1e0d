// Which way an answer leads, what comes of a branch that is left, words of earlier answers, and endings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, settled, until, useBrowser, violations } from './support/browser.mjs';
import { CONTENT, host, prompt } from './support/server.mjs';

const shared = useBrowser();
const pages = { '/': host('<h1>Shop</h1>'), '/docs': host('<h1>Docs</h1>') };
const choices = [
  { id: 'c1', label: 'The price' },
  { id: 'c2', label: 'An error' },
  { id: 'c3', label: 'Just looking' },
];
const questions = [
  {
    id: 'q1',
    kind: 'single',
    title: 'What stopped you, {{prop:name|friend}}?',
    choices,
    jumps: [
      { op: 'is', value: 'c2', to: 'e1' },
      { op: 'is', value: 'c3', to: '' },
      { op: 'skipped', to: 'q3' },
    ],
  },
  { id: 'q2', kind: 'scale', title: 'How much is {{q1}}?', from: 0, to: 10, jumps: [{ op: 'at_most', value: '6', to: 'e2' }] },
  { id: 'q3', kind: 'text', title: 'And {{q1|something}} with {{prop:plan|your plan}}?' },
];
const endings = {
  e1: { text: 'That was our fault. <b>Sorry</b>.', help: true, url: 'https://example.com/help', label: 'Read how', chat: 'Chat with us' },
  e2: { text: 'Here is a cheaper plan.', url: '/docs', label: 'See it' },
  e3: { text: 'One moment.', url: '/docs', label: 'Go', after: 1, soon: 'Opens by itself in 1 second; closing this stops it.' },
};
const begin = async (t, { first, props, changed = questions } = {}) => {
  const opened = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => (peer.decide = (p) => ({ p, show: { token: 't', content: { ...CONTENT, questions: changed, endings } } })),
  });
  const { page } = opened;
  await page.evaluate((props) => exitpoll('show', 'prm_1', { focus: true, props }), props);
  await card(page).waitFor();
  await settled(page);
  const press = (name) => card(page).getByRole('button', { name, exact: true }).click();
  if (first) await card(page).getByText(first).click();
  return { ...opened, press, heading: () => card(page).getByRole('heading').textContent() };
};
const last = ({ answers }) => answers.at(-1);

for (const [first, button, then] of [
  ['The price', 'Next', 'How much is The price?'],
  ['An error', 'Send', 'That was our fault. <b>Sorry</b>.'],
  ['Just looking', 'Send', ''],
  [undefined, 'Next', 'And something with your plan?'],
]) {
  test(`after ${first ?? 'nothing'} comes ${then || 'the usual end'}`, async (t) => {
    const { page, press, heading, server } = await begin(t, { first });
    await press(button);
    if (then) assert.equal(await heading(), then);
    else await card(page).getByText('Thank you. This helps.').first().waitFor();
    if (button === 'Send') {
      await until(() => last(server)?.done, 'the answer');
      assert.deepEqual(Object.keys(last(server).v), ['q1']);
    }
  });
}

test('numbers lead too, and back goes the way that was taken and drops what was left', async (t) => {
  const { page, press, heading, server } = await begin(t, { first: 'The price' });
  await press('Next');
  await card(page).getByText('9', { exact: true }).click();
  await press('Next');
  assert.equal(await heading(), 'And The price with your plan?');
  await press('Back');
  await press('Back');
  assert.equal(await card(page).getByLabel('The price').isChecked(), true);
  await card(page).getByText('An error').click();
  await press('Send');
  await until(() => last(server)?.done, 'the answer');
  assert.deepEqual(last(server).v, { q1: { c: ['c2'] } });
});

test('properties that the page gives stand in the words, and markup stays text', async (t) => {
  const { page, heading } = await begin(t, { props: { name: '<i>Ann</i>' } });
  assert.equal(await heading(), 'What stopped you, <i>Ann</i>?');
  assert.equal(await card(page).locator('i').count(), 0);
});

test('help is offered, told to the page, and recorded', async (t) => {
  const { page, press, server } = await begin(t, { first: 'An error' });
  await page.evaluate(() => addEventListener('exitpoll:help', ({ detail }) => (globalThis.help = detail)));
  await press('Send');
  assert.deepEqual(await violations(page), []);
  const link = card(page).getByRole('link', { name: 'Read how' });
  assert.deepEqual(await link.evaluate((e) => [e.href, e.target]), ['https://example.com/help', '_blank']);
  await page.waitForTimeout(4500);
  assert.equal(await card(page).count(), 1, 'help stays');
  await press('Chat with us');
  assert.deepEqual(await page.evaluate(() => help), { prompt: 'prm_1', ending: 'e1', choices: ['c2'] });
  await until(() => server.of('prompt_helped').length === 2, 'the record');
  assert.deepEqual(server.of('prompt_helped').map(([, , { m, why }]) => [m, why]), [['shown', 'e1'], ['chat', 'e1']]);
});

test('a link at the end is followed at the click, or by itself after the time that was said', async (t) => {
  const { page, press } = await begin(t, { first: 'The price' });
  await press('Next');
  await card(page).getByText('3', { exact: true }).click();
  await press('Send');
  assert.deepEqual(await violations(page), []);
  await card(page).getByRole('link', { name: 'See it' }).click();
  await page.waitForURL('**/docs');

  const changed = [{ ...questions[0], jumps: [{ op: 'answered', to: 'e3' }] }];
  const other = await begin(t, { first: 'The price', changed });
  await other.press('Send');
  await card(other.page).getByText('Opens by itself in 1 second').waitFor();
  await other.page.mouse.move(10, 10);
  await other.page.waitForURL('**/docs');
});

test('of what the code tells along with a card only what is named leaves the page', async (t) => {
  const { page, server } = await open(shared, t, {
    pages: { '/': host('<h1>Shop</h1>') },
    config: { prompts: [prompt({ at: [] })] },
    setup: (peer) => {
      peer.decide = (p) => ({ p, show: { token: 'token_' + p, content: { ...CONTENT, fields: ['order', 'plan'] } } });
    },
  });
  await page.evaluate(() => exitpoll('show', 'prm_1', { props: { order: 1001, mail: 'anna@shop.example' } }));
  const [, , props] = await until(() => server.of('prompt_shown')[0], 'the card');
  assert.deepEqual(props, { p: 'prm_1', props: { order: 1001 } });
  assert.ok(!server.bodies.join().includes('anna@'));
});
