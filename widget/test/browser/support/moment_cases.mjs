// The moments as data: how each comes about, and what only looks like it.
import { exit } from './browser.mjs';

const FORM = `<form data-exitpoll-form="signup" method="post" onsubmit="event.preventDefault()">
<input name="email" required><input name="phone" required><button>Send</button></form>`;
const GOAL = { id: 'gl_buy', rule: { kind: 'track', name: 'bought' } };

const run = (script) => ({ page }) => page.evaluate(script);
const track = (name, props) => ({ page }) => page.evaluate(([event, values]) => exitpoll('track', event, values), [name, props]);
const scrollTo = (share) => ({ page }) => page.evaluate((part) => scrollTo(0, document.documentElement.scrollHeight * part - innerHeight), share);
/** Seen for a while, and then no more. */
const gone = (how) => async (world, pass) => {
  await pass(world.page, 5);
  await world.page.evaluate((act) => new Function('panel', `panel.${act}`)(document.querySelector('#panel')), how);
};
const click = (selector, options) => ({ page }) => page.click(selector, options);
const rage = (points) => async ({ page }) => {
  for (const [x, y] of points) await page.mouse.click(x, y);
};
/** Leaves until it counts: on a busy machine the moves may come too slowly. */
const leave = async ({ page, server }) => {
  for (let tries = 0; tries < 6 && !server.of('exit_intent').length; tries++) {
    await exit(page);
    await page.clock.runFor(300);
    await page.mouse.move(500, 400);
    await page.evaluate(() => exitpoll('track', 'left'));
    await page.clock.runFor(6000);
    await page.waitForTimeout(100);
  }
};

const press = (keys) => ({ page }) => page.keyboard.press(keys);

const submit = async ({ page }, pass) => {
  await page.click('button');
  await pass(page, 1.5);
};

export const MOMENTS = {
  'a page view': {
    rule: { at: ['page_view'], pages: ['/other'] },
    fires: { 'a route of the page': run(() => history.pushState(null, '', '/other')) },
    silent: { 'another page': run(() => history.pushState(null, '', '/elsewhere')) },
  },
  'the first page': { rule: { at: ['page_view'] }, fires: { 'it is open already': () => {} } },
  scrolling: {
    rule: { at: ['scroll'], with: { scroll: 60 } },
    fires: { 'far enough': scrollTo(0.7) },
    silent: { 'not far enough': scrollTo(0.5) },
  },
  'an element in sight': {
    rule: { at: ['seen'], with: { seen: '#prices' } },
    body: '<div style="height:2000px">Text</div><div id="prices" style="height:300px">Prices</div><div style="height:2000px"></div>',
    fires: { 'for a second': async (world, pass) => (await world.page.locator('#prices').scrollIntoViewIfNeeded(), pass(world.page, 2)) },
    silent: {
      'less than half of it': run(() => scrollTo(0, 2000 - innerHeight + 100)),
      'passed by': async ({ page }) => {
        await page.evaluate(() => scrollTo(0, 1900));
        await page.clock.runFor(400);
        await page.evaluate(() => scrollTo(0, 0));
      },
    },
  },
  'a selector that is none': {
    rule: { at: ['seen', 'dwell'], with: { seen: '#)(', dwell: 3000 } },
    fires: { 'the other moment all the same': ({ page }, pass) => pass(page, 5) },
  },
  'the end of the text': {
    rule: { at: ['end_of_content'] },
    body: '<main style="height:2000px">Text</main><footer style="height:900px">Footer</footer>',
    fires: { 'the footer is in sight': run(() => scrollTo(0, 1500)) },
    silent: { 'in the middle': run(() => scrollTo(0, 600)) },
  },
  'time on the page': {
    rule: { at: ['dwell'], with: { dwell: 10_000 } },
    fires: {
      'enough attention': async ({ page }, pass) => {
        await page.mouse.move(300, 300);
        await pass(page, 12);
      },
    },
    silent: {
      'a dialog lies over it': async ({ page }, pass) => {
        await page.evaluate(() => {
          const dialog = document.body.appendChild(document.createElement('dialog'));
          dialog.showModal();
        });
        await pass(page, 15);
        await page.evaluate(() => document.querySelector('dialog').remove());
        await page.evaluate(() => history.pushState(null, '', '/fresh'));
      },
      'on two pages together': async ({ page }, pass) => {
        await pass(page, 6);
        await page.evaluate(() => history.pushState(null, '', '/fresh'));
        await pass(page, 4);
      },
    },
  },
  'doing nothing': {
    rule: { at: ['idle'], with: { idle: 10_000 } },
    fires: {
      'after having done something': async ({ page }, pass) => {
        await page.mouse.move(300, 300);
        await pass(page, 12);
      },
    },
    silent: {
      'a video plays': async ({ page }, pass) => {
        await page.evaluate(() => {
          const video = document.body.appendChild(document.createElement('video'));
          Object.defineProperty(video, 'paused', { value: false });
        });
        await pass(page, 15);
        // The hand first: a page that sees itself idle between the two would be right to fire.
        await page.mouse.move(310, 300);
        await page.evaluate(() => document.querySelector('video').remove());
      },
      'in another window': async ({ page }, pass) => {
        await page.evaluate(() => Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true }));
        await pass(page, 15);
        await page.mouse.move(310, 300);
        await page.evaluate(() => delete document.hasFocus);
      },
      'something is done now and then': async ({ page }, pass) => {
        for (let turn = 0; turn < 3; turn++) {
          await page.mouse.move(300 + turn, 300);
          await pass(page, 6);
        }
        await page.mouse.move(310, 300);
      },
    },
  },
  'a click on something': {
    rule: { at: ['click'], with: { click: '.plan' } },
    body: '<h1>Shop</h1><div class="plan"><b id="inside">Plan</b></div><p id="beside">Text</p><div data-exitpoll-ignore><p class="plan" id="ours">x</p></div>',
    fires: { 'inside it': click('#inside') },
    silent: { 'beside it': click('#beside'), 'in what is to be ignored': click('#ours') },
  },
  'an event of the page': {
    rule: { at: ['event'], with: { event: { name: 'compared', where: [['plans', 'greater', '2'], ['kind', 'contains', 'pro']] } } },
    fires: { 'as it is wanted': track('compared', { plans: 3, kind: 'the pro plan' }) },
    silent: {
      'another event': track('looked', { plans: 3, kind: 'pro' }),
      'too little': track('compared', { plans: 2, kind: 'pro' }),
      'another text': track('compared', { plans: 3, kind: 'free' }),
      'without the property': track('compared', { kind: 'pro' }),
    },
  },
  'less than': {
    rule: { at: ['event'], with: { event: { name: 'cart', where: [['total', 'less', '10'], ['empty', 'equals', 'false']] } } },
    fires: { 'a small cart': track('cart', { total: 9.5, empty: false }) },
    silent: { 'a large cart': track('cart', { total: 10, empty: false }) },
  },
  'an event before the file is there': {
    rule: { at: ['event'], with: { event: { name: 'limit_reached', where: [] } } },
    before: `<script>window.exitpoll=window.exitpoll||function(){(exitpoll.q=exitpoll.q||[]).push(arguments)};exitpoll('track','limit_reached')</script>`,
    fires: { 'it counts': () => {} },
  },
  copying: {
    rule: { at: ['copy'] },
    body: '<p id="text">Price: 10</p><input id="field" value="mine">',
    fires: {
      'text of the page': async ({ page }) => {
        await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#text')));
        await page.keyboard.press('Control+c');
        await page.clock.runFor(2100);
      },
    },
    silent: {
      'out of a field': async ({ page }) => {
        await page.focus('#field');
        await page.keyboard.press('Control+a');
        await page.keyboard.press('Control+c');
        await page.evaluate(() => document.activeElement.blur());
      },
    },
  },
  'closing a chat': {
    rule: { at: ['widget_closed'], with: { widget_closed: 'chat' } },
    body: '<dialog id="cookies">Cookies</dialog><dialog id="chat">Chat</dialog>',
    fires: {
      'the page says so': run(() => exitpoll('widget_closed', 'chat')),
      'a dialog of that name': run(() => {
        const dialog = document.querySelector('#chat');
        dialog.show();
        dialog.close();
      }),
    },
    silent: {
      'another dialog': run(() => {
        const dialog = document.querySelector('#cookies');
        dialog.show();
        dialog.close();
      }),
      'another name': run(() => exitpoll('widget_closed', 'video')),
    },
  },
  'a panel that disappears': {
    rule: { at: ['widget_closed'], with: { widget_closed: '', gone: '#panel' } },
    body: '<dialog id="cookies">Cookies</dialog><div id="panel">Panel</div>',
    fires: {
      'it is removed': gone('remove()'),
      'it is hidden': gone('hidden = true'),
      'it becomes transparent': gone("style.opacity = '0'"),
      'what it stands in is made invisible': gone("parentNode.style.visibility = 'hidden'"),
    },
    silent: {
      'it moves and changes': async (world, pass) => {
        await pass(world.page, 2);
        await world.page.evaluate(() => document.body.append(document.querySelector('#panel'), 'more'));
      },
      'something else is closed': run(() => {
        const dialog = document.querySelector('#cookies');
        dialog.show();
        dialog.close();
        exitpoll('widget_closed', 'panel');
      }),
      'it goes after its address, as some frameworks have it': async (world, pass) => {
        await pass(world.page, 4);
        await world.page.evaluate(() => history.pushState(null, '', '/fresh'));
        await pass(world.page, 2);
        await world.page.evaluate(() => document.querySelector('#panel').remove());
        await pass(world.page, 3);
        await world.page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<div id="panel">Panel</div>'));
      },
      'it goes with its page': async (world, pass) => {
        await pass(world.page, 2);
        await world.page.evaluate(() => {
          history.pushState(null, '', '/fresh');
          document.querySelector('#panel').remove();
        });
        await pass(world.page, 3);
        await world.page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<div id="panel">Panel</div>'));
      },
    },
  },
  'a panel that never stood there': {
    rule: { at: ['widget_closed'], with: { widget_closed: 'chat', gone: '#panel' } },
    body: '<div id="panel" hidden>Panel</div>',
    fires: { 'the other name': run(() => exitpoll('widget_closed', 'Chat')) },
    silent: { 'it is removed': gone('remove()') },
  },
  'what was wanted': {
    rule: { at: ['reached'], after: 'gl_buy' },
    goals: [GOAL],
    fires: { 'the goal is reached': track('bought') },
    silent: { 'another event': track('looked') },
  },
  'clicking again and again': {
    rule: { at: ['rage_click'] },
    body: '<p id="dead" style="height:200px">Nothing</p><input id="steps" type="number" value="1" style="position:absolute;top:300px;left:100px"><div style="position:fixed;inset:350px 0 0;user-select:none">A picture</div>',
    fires: {
      'in one place': rage([[600, 400], [605, 404], [600, 398]]),
      'on text, beyond selecting it': rage(Array(5).fill([40, 30])),
    },
    silent: {
      'in three places': rage([[200, 500], [400, 500], [600, 500]]),
      'twice': rage([[600, 400], [600, 400]]),
      'in a field that counts up': async ({ page }) => {
        for (let turn = 0; turn < 4; turn++) await page.click('#steps');
      },
      // A driver's clicks select only when it is told how many they are.
      'to select a line': ({ page }) =>
        page.desktop ? rage(Array(3).fill([40, 30]))({ page }) : page.mouse.click(40, 30, { clickCount: 3 }),
    },
  },
  'a page that is not there': {
    rule: { at: ['not_found'] },
    status: 404,
    fires: { 'the server says so': () => {} },
  },
  'a page that does not know': {
    rule: { at: ['not_found'] },
    fires: { 'the page says so': track('not_found') },
    silent: { 'a page that was found': run(() => history.pushState(null, '', '/found')) },
  },
  'a search without a result': {
    rule: { at: ['no_results'], with: { no_results: '.nothing' } },
    body: '<h1>Search</h1><div id="out"></div>',
    fires: { 'the page says nothing was found': run(() => (document.querySelector('#out').innerHTML = '<p class="nothing">Nothing found</p>')) },
    silent: {
      'the words are there but hidden': run(() => (document.querySelector('#out').innerHTML = '<p class="nothing" hidden>Nothing found</p>')),
    },
  },
  'an error in the same field': {
    rule: { at: ['field_error'], form: 'signup' },
    body: FORM,
    fires: {
      'at the second attempt': async (world, pass) => {
        await submit(world, pass);
        await submit(world, pass);
      },
    },
    silent: { 'two fields at one attempt': submit },
  },
  'all of several': {
    rule: { at: ['click', 'scroll'], with: { click: '.plan', scroll: 60 }, hold: { all: true } },
    body: '<p class="plan">Plan</p><div style="height:4000px">Text</div>',
    fires: {
      'the last of them': async (world) => {
        await click('.plan')(world);
        await world.page.clock.runFor(500);
        await scrollTo(0.8)(world);
      },
    },
    silent: {
      'one of them, again and again': async (world) => {
        await scrollTo(0.8)(world);
        await world.page.clock.runFor(3000);
        await scrollTo(0.9)(world);
        await world.page.evaluate(() => {
          history.pushState(null, '', '/fresh');
          scrollTo(0, 0);
        });
      },
    },
  },
  'leaving and something else': {
    rule: { at: ['click', 'exit'], with: { click: '.plan' }, hold: { all: true } },
    body: '<p class="plan">Plan</p><div style="height:4000px">Text</div>',
    fires: {
      'leaving is the last of them': async (world) => {
        await click('.plan')(world);
        await world.page.clock.runFor(500);
        await leave(world);
      },
    },
  },
  'the keys for the address bar': {
    rule: { at: ['exit'], keys: true },
    body: '<a href="https://elsewhere.example/" style="font-size:60px">Elsewhere</a>',
    fires: { 'Ctrl and L': press('Control+l'), 'Cmd and L': press('Meta+l') },
    silent: {
      'other keys': async (world) => {
        for (const keys of ['l', 'Control+k', 'Control+Shift+L', 'Alt+l']) await press(keys)(world);
      },
      'keys that the page presses': run(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'l', ctrlKey: true }))),
      'a pause over a link that leads away': async ({ page }, pass) => {
        await page.hover('a');
        await pass(page, 1);
      },
    },
  },
  'leaving where those keys do not count': {
    rule: { at: ['copy', 'exit'] },
    fires: { 'by the pointer': leave },
    silent: { 'by the keys': press('Control+l') },
  },
  'some time after a moment': {
    rule: { at: ['click'], with: { click: '.plan' }, hold: { delay: 10_000 }, cancel: ['gl_buy'] },
    goals: [GOAL],
    body: '<p class="plan">Plan</p>',
    fires: {
      'the time is over': async ({ page }, pass) => {
        await page.click('.plan');
        await pass(page, 11);
      },
    },
    silent: {
      'the time is not over': async ({ page }, pass) => {
        await page.click('.plan');
        await pass(page, 6);
        await page.evaluate(() => history.pushState(null, '', '/fresh'));
      },
    },
  },
};
