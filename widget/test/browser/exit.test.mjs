import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exit, exitUntil, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const GRACE = 260;
const STRICT_GRACE = 700;

const body = `<h1>Shop</h1><input id="field" style="position:absolute;top:300px"><select id="select" style="position:absolute;top:350px"><option>one</select>
<div style="height:3000px">Text</div>`;
const pages = { '/': host(body) };
const config = () => ({ prompts: [prompt()] });

/** Time is what these cases are about; there is no event to wait for. */
const pass = (page, ms) => page.waitForTimeout(ms);

const SILENT = {
  'a slow pointer': async (page) => {
    await page.mouse.move(400, 300);
    for (let y = 30; y >= 0; y -= 3) {
      await page.mouse.move(400, y);
      await pass(page, 40);
    }
    await page.mouse.move(400, -1);
    await pass(page, GRACE);
  },
  'a button held, as when text is dragged': async (page) => {
    await page.mouse.move(400, 500);
    await page.mouse.down();
    await exit(page);
    await pass(page, GRACE);
    await page.mouse.up();
  },
  'scrolling a moment ago': async (page) => {
    await page.mouse.move(400, 500);
    await page.mouse.wheel(0, 200);
    await page.waitForFunction(() => scrollY > 0);
    await exit(page);
    await pass(page, 600);
  },
  'a context menu a moment ago': async (page) => {
    await page.evaluate(() => document.body.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true })));
    await exit(page);
    await pass(page, 1050);
  },
  'a resized window': async (page) => {
    await page.evaluate(() => dispatchEvent(new Event('resize')));
    await exit(page);
    await pass(page, 1050);
  },
  'a list of the browser over a focused field, entered slowly': async (page) => {
    await page.focus('#field');
    for (let y = 260; y <= 320; y += 10) await page.mouse.move(100, y);
    // Its coordinates are its own: the page is told of a place above its top.
    await page.evaluate(() => document.body.dispatchEvent(new MouseEvent('mouseout', { bubbles: true, clientX: 5, clientY: -4 })));
    await pass(page, STRICT_GRACE);
    await page.evaluate(() => document.activeElement.blur());
  },
  'into a frame at the top of the page': async (page) => {
    await page.evaluate(() => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.style = 'position:fixed;inset:0 0 auto;width:1200px;height:200px;border:0';
    });
    await page.mouse.move(400, 600);
    await page.mouse.move(400, 400, { steps: 2 });
    await page.mouse.move(400, 60);
    await pass(page, GRACE);
    await page.evaluate(() => document.querySelector('iframe').remove());
  },
  'another window came to the front': async (page) => {
    await page.evaluate(() => (document.hasFocus = () => false));
    await exit(page);
    await pass(page, GRACE);
    await page.evaluate(() => delete document.hasFocus);
  },
  'the page scrolled itself a moment ago': async (page) => {
    await page.evaluate(() => scrollTo(0, 800));
    await page.waitForFunction(() => scrollY > 700);
    await exit(page);
    await pass(page, 600);
  },
  'to a screen at the left': async (page) => {
    await page.mouse.move(500, 400);
    await page.mouse.move(100, 380, { steps: 3 });
    await page.mouse.move(-10, 370);
    await pass(page, GRACE);
  },
  'a key pressed a moment ago': async (page) => {
    await page.keyboard.press('Shift');
    await exit(page);
    await pass(page, 2050);
  },
  'a pointer that was never inside': async (page) => {
    await page.mouse.move(400, 40);
    await page.mouse.move(400, 20);
    await page.mouse.move(400, -5);
    await pass(page, GRACE);
  },
  'leaving to the side, at the scrollbar': async (page) => {
    await page.mouse.move(900, 600);
    await page.mouse.move(1190, 300, { steps: 3 });
    await page.mouse.move(1210, 100);
    await pass(page, GRACE);
  },
  'leaving below': async (page) => {
    await page.mouse.move(400, 300);
    await page.mouse.move(400, 700, { steps: 3 });
    await page.mouse.move(400, 900);
    await pass(page, GRACE);
  },
  'an open dialog of the page': async (page) => {
    await page.evaluate(() => {
      const dialog = document.body.appendChild(document.createElement('dialog'));
      dialog.textContent = 'Cookies';
      dialog.showModal();
    });
    await exit(page);
    await pass(page, GRACE);
    await page.evaluate(() => document.querySelector('dialog').close());
  },
  'a focused field and a moderate pointer': moderately('#field'),
  'a focused select and a moderate pointer': moderately('#select'),
};

/** As fast as counts, but not with something to fill in under the hand. */
function moderately(selector) {
  return async (page) => {
    await page.focus(selector);
    await page.mouse.move(400, 80);
    for (const y of [65, 50, 35, 20, 5]) {
      await page.mouse.move(400, y);
      await pass(page, 25);
    }
    await page.mouse.move(400, -1);
    await pass(page, STRICT_GRACE);
    await page.evaluate(() => document.activeElement.blur());
  };
}

for (const [name, act] of Object.entries(SILENT)) {
  test(`silent: ${name}; a genuine exit afterwards fires`, async (t) => {
    const { page, server } = await open(shared, t, { pages, config: config() });
    await act(page);
    assert.equal(server.of('exit_intent').length, 0);
    await exitUntil(page, () => server.of('eligible').length, 'the genuine exit');
    await until(() => server.of('prompt_shown').length, 'the card');
    const kinds = server.events.map(([, kind]) => kind).filter((kind) => /exit|eligible/.test(kind));
    assert.deepEqual(kinds, ['exit_intent', 'eligible']);
  });
}

test('silent: not active long enough; later it fires', async (t) => {
  const { page, server } = await open(shared, t, { pages, config: { prompts: [prompt({ active: 2500 })] } });
  await exit(page);
  await pass(page, GRACE);
  await page.mouse.move(400, 400);
  await pass(page, 2500);
  await exitUntil(page, () => server.of('eligible').length === 1, 'the exit after enough time');
});

test('silent: back within the grace time is a near exit; a genuine exit afterwards fires', async (t) => {
  const { page, server } = await open(shared, t, { pages, config: config() });
  await exit(page);
  await page.mouse.move(400, 300);
  await pass(page, GRACE);
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  assert.equal(server.of('near_exit').length, 1);
  assert.equal(server.of('exit_intent').length, 1);
});

test('silent: after the goal; another prompt still fires', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: {
      goals: [{ id: 'gl_buy', rule: { kind: 'track', name: 'bought' } }],
      prompts: [prompt({ cancel: ['gl_buy'] }), prompt({}, 'prm_2')],
    },
  });
  await page.evaluate(() => exitpoll('track', 'bought'));
  await until(() => server.of('track').length, 'the goal');
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  assert.deepEqual(server.of('eligible').map(([, , { p }]) => p), ['prm_2']);
});

test('a gentle move is enough for a question that is readily asked, and only a quick one for the other', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: { prompts: [prompt({ speed: 0.15 }, 'prm_readily'), prompt({ speed: 0.8 }, 'prm_hardly')] },
    // The visit stays free for the next question.
    setup: (peer) => (peer.decide = (p) => ({ p, no: 'sample' })),
  });
  const asked = () => server.of('eligible').map(([, , { p }]) => p);
  for (let tries = 0; tries < 6 && !asked().length; tries++) {
    await page.mouse.move(400, 300);
    await page.mouse.move(400, 90);
    for (let y = 80; y >= 0; y -= 10) {
      await page.mouse.move(400, y);
      await pass(page, 25);
    }
    await page.mouse.move(400, -1);
    await pass(page, GRACE + 300);
  }
  assert.deepEqual(asked(), ['prm_readily']);
  await exitUntil(page, () => asked().length > 1, 'the quick exit');
  assert.deepEqual(asked(), ['prm_readily', 'prm_hardly']);
});

test('armed only once A has happened', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: {
      goals: [{ id: 'gl_a', rule: { kind: 'track', name: 'seen_pricing' } }],
      prompts: [prompt({ after: 'gl_a' })],
    },
  });
  await exit(page);
  await pass(page, GRACE);
  await page.evaluate(() => exitpoll('track', 'seen_pricing'));
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  assert.equal(server.of('eligible').length, 1);
});

test('with a field focused a fast exit still fires', async (t) => {
  const { page, server } = await open(shared, t, { pages, config: config() });
  await page.focus('#field');
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field');
});

test('a fixed header under the top edge does not swallow the exit', async (t) => {
  const header = '<header style="position:fixed;inset:0 0 auto;height:120px;background:#eee">Shop</header>';
  const { page, server } = await open(shared, t, { pages: { '/': host(header + body) }, config: config() });
  await exitUntil(page, () => server.of('prompt_shown').length, 'the card');
});

test('a late decision opens no card and says so', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: config(),
    setup: (peer) => (peer.delay = ({ e }) => (e.some(([, kind]) => kind === 'eligible') ? 1300 : 0)),
  });
  await exitUntil(page, () => server.of('prompt_failed').length, 'the failure');
  assert.equal(server.of('prompt_failed')[0][2].why, 'late');
  assert.equal(await card(page).count(), 0);
});

test('a goal reached while the server decides cancels the card', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: {
      goals: [{ id: 'gl_buy', rule: { kind: 'track', name: 'bought' } }],
      prompts: [prompt({ cancel: ['gl_buy'] })],
    },
    setup: (peer) => (peer.delay = ({ e }) => (e.some(([, kind]) => kind === 'eligible') ? 500 : 0)),
  });
  await exitUntil(page, () => server.of('eligible').length, 'the request');
  await page.evaluate(() => exitpoll('track', 'bought'));
  await until(() => server.of('prompt_failed').length, 'the failure');
  assert.equal(server.of('prompt_failed')[0][2].why, 'converted');
  assert.equal(await card(page).count(), 0);
});

test('held out uses up the slot: the next moment is not even asked for', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    config: { prompts: [prompt()] },
    setup: (peer) => (peer.decide = (p) => ({ p, held_out: true })),
  });
  await exitUntil(page, () => server.of('eligible').length, 'the request');
  await page.evaluate(() => history.pushState(null, '', '/other'));
  await until(() => server.of('page_view').length === 2, 'the route');
  await exitUntil(page, () => server.of('exit_intent').length >= 2, 'the second exit');
  assert.equal(server.of('eligible').length, 1);
  assert.equal(await card(page).count(), 0);
});

test('no mouse exit in a frame', async (t) => {
  const { page, server } = await open(shared, t, {
    pages: { '/frame': host(`<iframe src="/" style="position:absolute;inset:0;width:1200px;height:800px;border:0"></iframe>`, { snippet: '' }), ...pages },
    path: '/frame',
    config: config(),
  });
  await exit(page);
  await pass(page, GRACE);
  await page.evaluate(() => document.querySelector('iframe').contentWindow.exitpoll('track', 'end'));
  await page.evaluate(() => document.querySelector('iframe').remove());
  assert.equal(server.of('exit_intent').length + server.of('eligible').length, 0);
});
