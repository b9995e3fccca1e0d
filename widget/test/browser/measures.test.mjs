// What is measured of each field, on sites that have switched it on: never a value, nor anything it could be concluded from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, until, useBrowser } from './support/browser.mjs';
import { host } from './support/server.mjs';

const shared = useBrowser();

const FORM = `<form id="signup" method="post" action="/done"><input name="email" type="email"><input name="phone">
<input name="plan" type="radio" value="a"><input name="plan" type="radio" value="b"><input name="pass" type="password">
<input name="bank" autocomplete="cc-number"><input name="owner" autocomplete="cc-name"><input name="month" autocomplete="cc-exp-month">
<input name="year" autocomplete="cc-exp-year"><input name="who"><input name="news" type="checkbox"><input name="terms" type="checkbox"><button>Go</button></form><p>Text</p>`;
const pages = {
  '/': host(FORM),
  '/others': host(`<form id="login" method="post"><input name="user"><input name="pass" autocomplete="current-password"></form>
<form role="search"><input name="words"></form><div data-exitpoll-ignore>${FORM.replace('signup', 'ignored')}</div>
<form id="asked" method="post"><input name="last"></form>`),
};
const isOn = (server) => (server.config.x = { FormData: server.names.f });

/** A page whose file has come, unless it is switched off. */
async function openMeasured(t, { setup = isOn, ...options } = {}) {
  const opened = await open(shared, t, { pages, setup, ...options });
  if (setup === isOn) {
    await until(() => opened.server.loads('f'), 'the file');
    await opened.page.waitForLoadState('networkidle');
  }
  return opened;
}

const flush = (page) => page.evaluate(() => exitpoll('page'));
/** What was told, without times, which are no two runs the same. */
const told = async ({ page, server }, n) => {
  await flush(page);
  await until(() => server.of('field_left').length >= n, `${n} fields`);
  return server.of('field_left').map(([, , { ms: _, w: __, ...props }]) => props);
};
const hide = (page, hidden) =>
  page.evaluate((is) => {
    Object.defineProperty(document, 'hidden', { value: is, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

test('each stay in a field: changed, deleted, pasted, empty or not', async (t) => {
  const opened = await openMeasured(t);
  const { page } = opened;
  await page.focus('[name=email]');
  await page.waitForTimeout(400);
  await page.keyboard.type('me@a.example');
  for (let n = 0; n < 7; n++) await page.keyboard.press('Backspace');
  await page.keyboard.type('x');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(1500);
  await page.focus('[name=phone]');
  await page.focus('[name=email]');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+x');
  await page.focus('[name=phone]');
  await page.keyboard.press('Control+v');
  await page.locator('p').click();

  assert.deepEqual(await told(opened, 4), [
    // Seven deletions in a row are one, so that no length can be told from them.
    { f: 'signup', n: 'email', c: true, d: 2, y: true },
    { f: 'signup', n: 'phone' },
    { f: 'signup', n: 'email', c: true, d: 1 },
    { f: 'signup', n: 'phone', c: true, v: true, y: true },
  ]);
  const times = opened.server.of('field_left').map(([, , { ms, w }]) => [ms, w]);
  assert.ok(times[0][1] >= 400 && times[0][1] <= times[0][0] - 1000, `hesitated for ${times[0]}`);
  assert.ok(times.every(([ms, w = 0]) => ms % 1000 === 0 && w % 100 === 0), `too exact: ${times}`);
  assert.equal(times[1][1], undefined, 'nothing was changed');
  assert.ok(times.every(([ms]) => ms >= 0 && ms < 20_000), `active for ${times}`);
});

test('deletions are told up to twenty', async (t) => {
  const opened = await openMeasured(t);
  const { page } = opened;
  await page.focus('[name=phone]');
  for (let n = 0; n < 25; n++) {
    await page.keyboard.type('ab');
    await page.keyboard.press('Backspace');
  }
  await page.focus('[name=email]');
  assert.deepEqual(await told(opened, 1), [{ f: 'signup', n: 'phone', c: true, d: 20, y: true }]);
});

test('the buttons of a group are one field', async (t) => {
  const opened = await openMeasured(t);
  const { page } = opened;
  await page.focus('[name=plan]');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.focus('[name=email]');
  assert.deepEqual(await told(opened, 1), [{ f: 'signup', n: 'plan', c: true, y: true }]);
});

test('of boxes to tick nothing but that somebody was there, ticked or not', async (t) => {
  const opened = await openMeasured(t);
  const { page, server } = opened;
  await page.focus('[name=news]');
  await page.keyboard.press('Space');
  await page.focus('[name=terms]');
  await page.focus('[name=email]');
  await told(opened, 2);
  assert.equal(await page.isChecked('[name=news]'), true);
  assert.deepEqual(server.of('field_left').map(([, , props]) => props), [{ f: 'signup', ms: 0 }, { f: 'signup', ms: 0 }]);
});

test('what was done without consent is not told once there is consent again', async (t) => {
  const opened = await openMeasured(t);
  const { page, server } = opened;
  await page.focus('[name=phone]');
  await page.evaluate(() => exitpoll('consent', 'off'));
  await page.keyboard.type('12');
  await page.keyboard.press('Backspace');
  await page.focus('[name=who]');
  await page.keyboard.type('a');
  await page.evaluate(() => exitpoll('consent', 'anonymous'));
  await page.focus('[name=email]');
  await page.keyboard.type('b');
  await page.focus('[name=phone]');
  assert.deepEqual(await told(opened, 1), [{ f: 'signup', n: 'email', c: true, y: true }]);
  assert.equal(server.of('field_left').length, 1);
});

test('of fields that are never named only that somebody was there, and whether they were changed', async (t) => {
  const opened = await openMeasured(t);
  const { page, server } = opened;
  await page.focus('[name=bank]');
  await page.focus('[name=pass]');
  await page.keyboard.type('a secret');
  await page.keyboard.press('Backspace');
  await page.focus('[name=email]');
  await told(opened, 1);
  assert.deepEqual(server.of('field_left').map(([, , props]) => props), [{ f: 'signup', ms: 0 }, { f: 'signup', ms: 0, c: true }]);
});

const ADDRESS = '<form id="ship" method="post"><input name="name" autocomplete="name"><input name="street" autocomplete="street-address"><input name="city" autocomplete="address-level2"><input name="zip" autocomplete="postal-code"><input name="note"></form>';

/** The browser itself fills the form from the field `from` on: no key is pressed. */
async function autofill({ page, context }, from, { filled, ...known }) {
  const session = await context.newCDPSession(page);
  await session.send('Autofill.enable');
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: `[name=${from}]` });
  const { node } = await session.send('DOM.describeNode', { nodeId });
  await session.send('Autofill.trigger', { fieldId: node.backendNodeId, ...known });
  await page.waitForFunction((name) => document.querySelector(`[name=${name}]`).value, filled);
}

test('fields that the browser fills, where the visitor is and where nobody has been', async (t) => {
  const opened = await openMeasured(t, { pages: { '/': host(ADDRESS) } });
  const { page, server } = opened;
  const fields = Object.entries({ NAME_FULL: 'Jane Finch', ADDRESS_HOME_STREET_ADDRESS: 'Elm Street 5', ADDRESS_HOME_CITY: 'Aviary', ADDRESS_HOME_ZIP: '12345' });
  const address = { fields: fields.map(([name, value]) => ({ name, value })) };
  await page.focus('[name=name]');
  await autofill(opened, 'name', { filled: 'zip', address });
  await page.waitForTimeout(1500);
  await page.focus('[name=note]');
  await hide(page, true);
  await until(() => server.of('page_hidden').length, 'the end');

  const told = server.of('field_left').map(([, , { ms: _, ...props }]) => props);
  const byBrowser = (n) => ({ f: 'ship', n, auto: true, y: true });
  assert.deepEqual(told, [...['street', 'city', 'zip', 'name'].map(byBrowser), { f: 'ship', n: 'note', why: 'hidden' }]);
  assert.deepEqual(server.of('form_started').length, 1);
  assert.ok(!/finch|elm street|aviary|12345/i.test(server.bodies.join()));
});

test('of a card that the browser fills nothing but that it did', async (t) => {
  const opened = await openMeasured(t);
  const { page, server } = opened;
  const card = { number: '4929000012345675', name: 'Jane Finch', expiryMonth: '06', expiryYear: '2031', cvc: '727' };
  await autofill(opened, 'bank', { filled: 'year', card });
  await page.waitForTimeout(1500);
  await flush(page);
  const told = await until(() => server.of('field_left').length && server.of('field_left'), 'the fields');
  for (const [, , props] of told) assert.deepEqual(props, { f: 'signup', auto: true });
  assert.ok(!/4929|Finch|2031/.test(server.bodies.join()));
});

test('a page that is hidden ends a stay, and another goes on with it', async (t) => {
  const opened = await openMeasured(t);
  const { page, server } = opened;
  await page.focus('[name=who]');
  await page.keyboard.type('a');
  await hide(page, true);
  await until(() => server.of('field_left').length, 'the field, sent with the last that is sent');
  await page.evaluate(() => delete document.hidden);
  await hide(page, false);
  await page.keyboard.press('Backspace');
  await page.focus('[name=email]');
  assert.deepEqual(await told(opened, 2), [
    { f: 'signup', n: 'who', c: true, y: true, why: 'hidden' },
    { f: 'signup', n: 'who', c: true, d: 1 },
  ]);
});

test('a field in which the visitor leaves for another page is told', async (t) => {
  const { page, server } = await openMeasured(t);
  await page.focus('[name=who]');
  await page.keyboard.type('a');
  await page.goto('about:blank');
  await until(() => server.of('field_left').length, 'the field');
  assert.equal(server.of('field_left')[0][2].n, 'who');
});

test('what the page itself changes is no change', async (t) => {
  const opened = await openMeasured(t);
  const { page } = opened;
  await page.focus('[name=who]');
  await page.evaluate(() => {
    const field = document.querySelector('[name=who]');
    field.value = 'b';
    field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'deleteContentBackward' }));
  });
  await page.focus('[name=email]');
  assert.deepEqual(await told(opened, 1), [{ f: 'signup', n: 'who', y: true }]);
});

test('nothing of forms to log in or search with, nor of what is to be ignored', async (t) => {
  const opened = await openMeasured(t, { path: '/others' });
  const { page } = opened;
  for (const selector of ['[name=user]', '[name=words]', '#ignored [name=email]', '[name=last]']) {
    await page.focus(selector);
    await page.keyboard.type('a');
  }
  await page.locator('[name=last]').blur();
  assert.deepEqual(await told(opened, 1), [{ f: 'asked', n: 'last', c: true, y: true }]);
});

test('switched off the file is not fetched; switched off while the page is open it tells nothing more', async (t) => {
  const off = await openMeasured(t, { setup: () => {} });
  await off.page.focus('[name=who]');
  await off.page.keyboard.type('a');
  await off.page.goto('about:blank');
  await until(() => off.server.of('page_hidden').length, 'the end');
  assert.deepEqual([off.server.loads('f'), off.server.of('field_left').length], [0, 0]);

  const { page, server } = await openMeasured(t);
  server.config.v++;
  delete server.config.x;
  await flush(page);
  await until(() => server.of('page_view').length > 1, 'the reply with the new configuration');
  await page.waitForTimeout(300);
  await page.focus('[name=who]');
  await page.keyboard.type('a');
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.equal(server.of('field_left').length, 0);
});
