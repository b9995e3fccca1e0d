// Every moment beside leaving: it fires when it should, and what only looks like it stays silent. Leaving has exit.test.mjs
// and touch.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exit, open, until, useBrowser } from './support/browser.mjs';
import { MOMENTS } from './support/moment_cases.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();

async function begin(t, { rule, goals = [], body, status, before }) {
  const page = { html: host(body ?? '<h1>Shop</h1><div style="height:4000px">Text</div>', { head: before ?? '' }), status };
  const { page: tab, server } = await open(shared, t, {
    pages: { '/': page, '/other': page },
    goto: false,
    config: { goals, prompts: [prompt(rule)] },
    setup: (peer) => (peer.config.x = { document: peer.names.m }),
  });
  // A clock of ours has no record of how the page was answered.
  if (!status) await tab.clock.install();
  await tab.goto(server.origin);
  await until(() => server.of('page_view').length, 'the page view');
  // The file of the moments: it listens once it has run, and our wait for it ends after the core's own.
  await until(() => server.loads('m'), 'the file of the moments');
  await tab.evaluate((name) => import(new URL(name, document.querySelector('script[src*="/x/"]').src)), server.names.m);
  await tab.mouse.move(500, 400);
  // What Firefox does of its own after a page has loaded is not to be met by the first move or change of address.
  await tab.waitForTimeout(200);
  return { page: tab, server };
}

/** Not longer at once than a decision may take: the clock of the page runs ahead of the network. */
async function pass(page, seconds) {
  for (let left = seconds; left > 0; left -= 0.5) {
    // Where the clock is the machine's, time passes by itself.
    await page.clock.runFor(500).catch(() => page.waitForTimeout(500));
    if (left <= 5) await page.waitForTimeout(30);
  }
}

const asked = (server) => server.of('eligible').map(([, , { m }]) => m);

for (const [name, { fires, silent = {}, ...setup }] of Object.entries(MOMENTS)) {
  for (const [how, act] of Object.entries(fires)) {
    test(`${name} fires: ${how}`, async (t) => {
      const world = await begin(t, setup);
      await act(world, pass);
      await until(async () => (await pass(world.page, 0.5), world.server.of('prompt_shown').length), 'the card');
      assert.deepEqual(asked(world.server), [setup.kind ?? setup.rule.at.at(-1)]);
    });
  }
  for (const [how, act] of Object.entries(silent)) {
    test(`${name} is silent: ${how}; the genuine one afterwards fires`, async (t) => {
      const world = await begin(t, setup);
      await act(world, pass);
      await pass(world.page, 3);
      assert.deepEqual(asked(world.server), []);
      await (fires.afterwards ?? Object.values(fires)[0])(world, pass);
      await until(async () => (await pass(world.page, 0.5), world.server.of('prompt_shown').length), 'the card');
    });
  }
}

test('when the time of a delay is over, what has happened meanwhile counts', async (t) => {
  const hold = { delay: 10_000 };
  const { page, server } = await begin(t, { rule: {}, body: '<p class="plan">Plan</p>' });
  const rule = { at: ['click'], with: { click: '.plan' }, hold };
  server.config.goals = [{ id: 'gl_buy', rule: { kind: 'track', name: 'bought' } }];
  server.config.prompts = [prompt({ ...rule, cancel: ['gl_buy'] }, 'prm_until'), prompt(rule, 'prm_anyway')];
  await page.goto(server.origin + '/other');
  await until(() => server.loads('m') > 1, 'the file of the moments');
  await page.waitForTimeout(200);
  await page.click('.plan');
  await pass(page, 6);
  assert.deepEqual(asked(server), []);
  await page.evaluate(() => exitpoll('track', 'bought'));
  await until(async () => (await pass(page, 0.5), server.of('eligible').length), 'the end of the delay');
  await pass(page, 3);
  assert.deepEqual(server.of('eligible').map(([, , { p }]) => p), ['prm_anyway']);
});

test('the keys for the address bar go on working', async (t) => {
  const { page, server } = await begin(t, { rule: { at: ['exit'], keys: true } });
  await page.evaluate(() => addEventListener('keydown', (event) => (window.prevented = event.defaultPrevented)));
  await page.keyboard.press('Control+l');
  await until(async () => (await pass(page, 0.5), server.of('exit_intent').length), 'the sign');
  assert.deepEqual(server.of('exit_intent').map(([, , props]) => props), [{ m: 'keyboard' }]);
  assert.equal(await page.evaluate(() => prevented), false);
});

test('a pause over a link that leads away is recorded once, without its query, and never asks', async (t) => {
  const link = (id, href) => `<p><a id="${id}" href="${href}" style="font-size:40px">${id}</a></p>`;
  const body = link('away', 'https://elsewhere.example/offer?mail=anna') + link('passed', 'https://other.example/') + link('inside', '/other');
  const { page, server } = await begin(t, { rule: { at: ['exit'], keys: true }, body });
  for (const id of ['inside', 'away', 'inside', 'away']) {
    await page.hover('#' + id);
    await page.clock.runFor(300);
  }
  // In one go: how long a driver takes is not ours to say.
  await page.evaluate(() => {
    for (const id of ['passed', 'inside']) {
      document.querySelector('#' + id).dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
    }
  });
  await page.mouse.move(900, 700);
  await until(async () => (await pass(page, 0.5), server.of('outbound_hover').length), 'the record');
  assert.deepEqual(server.of('outbound_hover').map(([, , props]) => props), [{ h: 'https://elsewhere.example/offer' }]);
  assert.deepEqual(asked(server), []);
});

test('what is recorded of a moment holds no text of the page and none of the visitor', async (t) => {
  const { page, server } = await begin(t, { rule: { at: ['copy'] }, body: '<p id="secret">canary-4711</p>' });
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#secret')));
  await page.keyboard.press('Control+c');
  await until(async () => (await pass(page, 1), server.of('copy').length), 'the event');
  assert.ok(server.bodies.every((body) => !body.includes('canary')));
});

test('without its file a question that waits is not asked, and others are', async (t) => {
  const { page, server } = await open(shared, t, {
    pages: { '/': host('<h1>Shop</h1>') },
    config: { prompts: [prompt({ hold: { delay: 1000 } }), prompt({}, 'prm_2')], x: { document: 'm.gone.js' } },
  });
  for (let tries = 0; tries < 4 && !server.of('eligible').length; tries++) {
    await exit(page);
    await page.waitForTimeout(700);
  }
  assert.deepEqual(server.of('eligible').map(([, , { p }]) => p), ['prm_2']);
  await until(() => card(page).count(), 'the card');
});
