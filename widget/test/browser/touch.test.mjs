// Signs of leaving on a phone: each fires when it should, and what only looks like one stays silent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
const pages = {
  '/': host(`<h1>Shop</h1><a id="up" href="#top" style="position:fixed;top:10px;right:10px">Top</a>
<div id="text" style="height:9000px">Text</div>`),
};

/** Seconds pass at once; timers run as they would have. */
const pass = (page, seconds) => page.clock.runFor(seconds * 1000);

async function phone(t, { rule = {}, seconds = 12, config } = {}) {
  const { page, server } = await open(shared, t, {
    pages,
    goto: false,
    context: PHONE,
    config: { prompts: [prompt({ touch: true, ...rule })], ...config },
    setup: (peer) => (peer.config.x = { ontouchstart: peer.names.t }),
  });
  await page.clock.install();
  await page.goto(server.origin);
  await until(() => server.loads('t'), 'the file for touch');
  await page.waitForTimeout(200);
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, ...touchPoints) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
  /** A finger pulls: further down the page with a negative distance. Speed in px/s. */
  const swipe = async (distance, speed) => {
    const y = distance > 0 ? 100 : 700;
    const began = Date.now();
    await touch('touchStart', { x: 200, y });
    for (let moved = 0; moved < Math.abs(distance); ) {
      await new Promise((resolve) => setTimeout(resolve, 8));
      moved = Math.min(Math.abs(distance), ((Date.now() - began) * speed) / 1000);
      await touch('touchMove', { x: 200, y: y + Math.sign(distance) * moved });
    }
    await touch('touchEnd');
  };
  await swipe(-100, 800);
  if (seconds) await pass(page, seconds);
  return { page, server, swipe };
}

/** Hides the page as another tab over it would, and shows it again. */
async function away(page, seconds, between = () => {}) {
  const hide = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: value ? 'hidden' : 'visible', configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, hidden);
  await hide(true);
  await pass(page, seconds);
  await between();
  await hide(false);
  // Not longer than a decision may take.
  await pass(page, 1.1);
}

async function readDown({ page, swipe }) {
  while ((await page.evaluate(() => scrollY)) < 2400) await swipe(-600, 3000);
}

/** On a busy machine frames come too late for a movement to count as fast: then once more. */
async function fastUp(world) {
  for (let tries = 0; tries < 5; tries++) {
    await readDown(world);
    await world.swipe(650, 4000);
    await world.page.waitForTimeout(300);
    if (world.server.of('exit_intent').length) return;
  }
  assert.fail('scrolled up fast in vain');
}

const FIRES = {
  'back on the page after a while': ['resume', ({ page }) => away(page, 30)],
  'scrolling up fast from far down': ['fast_scroll_up', fastUp],
};

for (const [name, [signal, act]] of Object.entries(FIRES)) {
  test(`fires: ${name}`, async (t) => {
    const world = await phone(t);
    await act(world);
    await until(() => world.server.of('prompt_shown').length, 'the card');
    assert.deepEqual(world.server.of('exit_intent').map(([, , { m }]) => m), [signal]);
    assert.equal(world.server.of('eligible')[0][2].m, 'exit');
  });
}

const SILENT = {
  'back after a moment': ({ page }) => away(page, 3),
  'back after an hour': ({ page }) => away(page, 3600),
  'back on another page of the site': ({ page }) =>
    away(page, 30, () => page.evaluate(() => history.pushState(null, '', '/other'))),
  'scrolling up at leisure': async (world) => {
    await readDown(world);
    await world.swipe(650, 700);
  },
  'scrolling up fast without having read': async ({ swipe }) => {
    await swipe(-500, 3000);
    await swipe(600, 4000);
  },
  'the page scrolls itself': async (world) => {
    await readDown(world);
    await pass(world.page, 2);
    await world.page.evaluate(
      () =>
        new Promise((resolve) => {
          const step = () => (scrollY > 500 ? (scrollBy(0, -60), requestAnimationFrame(step)) : resolve());
          step();
        }),
    );
  },
  'a link to the top': async (world) => {
    await readDown(world);
    await world.page.tap('#up');
    await world.page.evaluate(() => scrollTo({ top: 0, behavior: 'smooth' }));
    await world.page.waitForTimeout(800);
  },
  'pulling the page down to load it again': async ({ page, swipe }) => {
    await page.evaluate(() => scrollTo(0, 0));
    await swipe(600, 4000);
  },
  'the address bar comes in meanwhile': async (world) => {
    await readDown(world);
    await world.page.evaluate(() => {
      addEventListener('scroll', () => visualViewport.dispatchEvent(new Event('resize')), true);
    });
    await world.swipe(650, 4000);
    await world.page.waitForTimeout(300);
  },
  'a jump to the top in one frame': async (world) => {
    await readDown(world);
    await world.page.evaluate(() => scrollTo(0, 0));
    await world.page.waitForTimeout(200);
  },
};

for (const [name, act] of Object.entries(SILENT)) {
  test(`silent: ${name}; a genuine exit afterwards fires`, async (t) => {
    const world = await phone(t);
    await act(world);
    assert.deepEqual(world.server.of('exit_intent'), []);
    await pass(world.page, 3);
    await world.page.evaluate(() => scrollTo(0, 0));
    await world.swipe(-100, 800);
    await away(world.page, 30);
    await until(() => world.server.of('prompt_shown').length, 'the card');
    assert.equal(world.server.of('exit_intent').length, 1);
  });
}

test('a question that is readily asked takes slower scrolling for leaving, and others do not', async (t) => {
  const world = await phone(t, { config: { prompts: [prompt({ touch: true, speed: 0.15 }, 'prm_readily'), prompt({ touch: true }, 'prm_usual')] } });
  const { server } = world;
  for (let tries = 0; tries < 6 && !server.of('eligible').length; tries++) {
    await readDown(world);
    // Above 1,375 px/s, and far enough below 2,000: where frames come late, a stretch of it looks faster than it was.
    await world.swipe(650, 1450);
    await world.page.waitForTimeout(300);
  }
  assert.deepEqual(server.of('eligible').map(([, , { p }]) => p), ['prm_readily']);
});

test('silent: the usual scrolling up for a question that is rarely asked; it is recorded, and a genuine exit fires', async (t) => {
  const world = await phone(t, { rule: { speed: 0.8 } });
  const { page, server } = world;
  for (let tries = 0; tries < 6 && !server.of('exit_intent').length; tries++) {
    await readDown(world);
    // Between 2,000 and 3,000 px/s, as above.
    await world.swipe(650, 2150);
    await page.waitForTimeout(300);
    await page.evaluate(() => exitpoll('track', 'next'));
    await until(() => server.of('track').length > tries, 'the record');
  }
  assert.deepEqual(server.of('exit_intent').map(([, , { m }]) => m), ['fast_scroll_up']);
  assert.equal(server.of('eligible').length, 0);
  await pass(page, 3);
  await world.swipe(-100, 800);
  await away(page, 30);
  await until(() => server.of('prompt_shown').length, 'the card');
});

test('silent: away before there was anything to leave', async (t) => {
  const { page, server, swipe } = await phone(t, { seconds: 3 });
  await away(page, 30);
  assert.equal(server.of('exit_intent').length, 0);
  await swipe(-100, 800);
  await pass(page, 12);
  await away(page, 30);
  await until(() => server.of('prompt_shown').length, 'the card');
});

test('a question that is not for phones is not asked there; the sign is still recorded', async (t) => {
  const { page, server } = await phone(t, { rule: { touch: undefined } });
  await away(page, 30);
  await page.evaluate(() => exitpoll('track', 'end'));
  await until(() => server.of('exit_intent').length, 'the sign');
  assert.equal(server.of('eligible').length, 0);
  assert.equal(await card(page).count(), 0);
});

test('a computer with a touch screen keeps to the signs of its mouse', async (t) => {
  const { page, server } = await open(shared, t, {
    pages,
    goto: false,
    config: { prompts: [prompt({ touch: true })] },
    setup: (peer) => (peer.config.x = { ontouchstart: peer.names.t }),
  });
  await page.addInitScript(() => (window.ontouchstart = null));
  await page.clock.install();
  await page.goto(server.origin);
  await until(() => server.loads('t'), 'the file for touch');
  await page.mouse.move(300, 300);
  await pass(page, 12);
  await away(page, 30);
  await page.evaluate(() => exitpoll('track', 'end'));
  await until(() => server.of('page_visible').length, 'the events');
  assert.equal(server.of('exit_intent').length, 0);
});
