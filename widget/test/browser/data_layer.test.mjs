// Google's dataLayer and consent banners: what the page tells them reaches us, and nothing that is not on our list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, exitUntil, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();
const GTAG = 'function gtag(){dataLayer.push(arguments)}';
const page = (script) => ({ '/': host('<h1>Shop</h1>', { head: `<script>${script}</script>` }), '/next': host('<h1>Next</h1>', { head: `<script>${script}</script>` }) });
const extended = (f = 5) => ({ setup: (server) => Object.assign(server.config, { f, x: { dataLayer: server.names.d, __tcfapi: server.names.c } }) });
const tracks = (server) => server.of('track').map(([, , { name, props, value }]) => ({ name, ...props, worth: value }));
const known = (server) => server.of('consent').map(([, , { m }]) => m);
const CANARY = 'canary@shop.example';

test('what is there already and what comes later becomes events, of the list only', async (t) => {
  const opened = await open(shared, t, {
    pages: page(`dataLayer=[{event:'gtm.js','gtm.start':1},{ecommerce:null},
      {event:'view_item',ecommerce:{currency:'EUR',value:'20.50',items:[{item_id:'sku_1',item_name:'${CANARY}',quantity:2},{id:7}]}}];${GTAG}`),
    ...extended(),
  });
  const { server } = opened;
  await until(() => tracks(server).length, 'the past');
  await opened.page.evaluate((canary) => {
    gtag('event', 'search', { search_term: canary });
    gtag('event', 'purchase', { transaction_id: 'T1', value: 99, currency: 'EUR', user_data: { email: canary }, email: canary, coupon: canary });
    dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 'T1', value: 99 } });
    dataLayer.push({ event: 'my_own', email: canary }, { event: 'exitpoll_prompt_shown' }, () => {}, null, 7, { event: { deep: canary } });
    gtag('event', 'login', { method: 'Google', user_id: canary });
  }, CANARY);
  await until(() => tracks(server).length === 4, 'the future');
  assert.deepEqual(tracks(server), [
    { name: 'view_item', currency: 'EUR', items: 'sku_1,7', count: 3, worth: 20.5 },
    { name: 'search', worth: null },
    { name: 'purchase', currency: 'EUR', transaction_id: 'T1', worth: 99 },
    { name: 'login', worth: null },
  ]);
  assert.ok(!server.bodies.join().includes('canary'));
  assert.deepEqual(opened.errors, []);
});

test('what the page pushes reaches goals: one arms a question, another calls it off', async (t) => {
  const goal = (id, name) => ({ id, rule: { kind: 'track', name } });
  const { page: tab, server } = await open(shared, t, {
    pages: page(`dataLayer=[];${GTAG}goals=[];addEventListener('exitpoll:goal',({detail})=>goals.push(detail.goal))`),
    config: {
      goals: [goal('gl_cart', 'add_to_cart'), goal('gl_buy', 'purchase')],
      prompts: [prompt({ after: 'gl_cart', cancel: ['gl_buy'] }, 'prm_cart'), prompt({ after: 'gl_cart' }, 'prm_any')],
    },
    setup: (peer) => {
      extended().setup(peer);
      peer.decide = (p) => ({ p, no: 'sample' });
    },
  });
  const asked = () => server.of('eligible').map(([, , { p }]) => p);
  await until(() => server.loads('d'), 'the file');
  await tab.evaluate(() => {
    gtag('event', 'add_to_cart', { value: 20, currency: 'EUR' });
    dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 'T1', value: 20 } });
  });
  await tab.waitForFunction(() => goals.length === 2);
  await exitUntil(tab, () => asked().length, 'the exit');
  assert.deepEqual(await tab.evaluate(() => goals), ['gl_cart', 'gl_buy']);
  assert.deepEqual(asked(), ['prm_any'], 'armed by the cart, and only the other is called off by the purchase');
});

test('the page\'s own push works as before', async (t) => {
  const opened = await open(shared, t, {
    pages: page(`dataLayer=[];calls=[];dataLayer.push=function(...all){calls.push([this===dataLayer,all.length]);Array.prototype.push.apply(this,all);return 'mine'}`),
    ...extended(),
  });
  const theirs = await opened.page.evaluate(() => dataLayer.push);
  await until(() => opened.server.loads('d'), 'the file');
  await opened.page.waitForFunction(() => !String(dataLayer.push).includes('calls'));
  const result = await opened.page.evaluate(() => {
    const entry = { event: 'sign_up' };
    Object.defineProperty(entry, 'ecommerce', { get() { throw new Error('theirs'); } });
    return [dataLayer.push({ event: 'login' }, { a: 1 }), dataLayer.push(entry), calls, dataLayer.length];
  });
  assert.deepEqual(result, ['mine', 'mine', [[true, 2], [true, 1]], 3]);
  assert.deepEqual(opened.errors, []);
  assert.equal(theirs, undefined);
});

test('questions are told to dataLayer only where the owner wants it', async (t) => {
  for (const [f, told] of [[5, []], [7, ['exitpoll_prompt_shown', 'exitpoll_prompt_dismissed']]]) {
    const opened = await open(shared, t, { pages: page('dataLayer=[]'), config: { prompts: [prompt({ at: [] })] }, ...extended(f) });
    await until(() => opened.server.loads('d'), 'the file');
    await opened.page.waitForFunction(() => !String(dataLayer.push).includes('native'));
    await opened.page.evaluate(() => void exitpoll('show', 'prm_1'));
    await card(opened.page).getByText('Too expensive').waitFor();
    await opened.page.evaluate(() => exitpoll('close'));
    await card(opened.page).waitFor({ state: 'detached' });
    const pushed = await opened.page.evaluate(() => dataLayer);
    assert.deepEqual(pushed, told.map((event) => ({ event, exitpoll_prompt: 'prm_1' })));
  }
});

test('Consent Mode: refused before anybody chose forgets nothing, granted is known, taken back is forgotten', async (t) => {
  const opened = await open(shared, t, {
    pages: page(`dataLayer=[];${GTAG}gtag('consent','default',{analytics_storage:'denied',ad_storage:'granted'})`),
    ...extended(),
  });
  const { server } = opened;
  await until(() => server.loads('d'), 'the file');
  await opened.page.waitForFunction(() => !String(dataLayer.push).includes('native'));
  assert.deepEqual(known(server), []);
  await opened.page.evaluate(() => gtag('consent', 'update', { analytics_storage: 'granted' }));
  await until(() => known(server).length, 'the consent');
  const id = await opened.page.evaluate(() => localStorage.exitpoll);
  await opened.page.goto(server.origin + '/next');
  await until(() => server.loads('d') > 0 && server.batches.some(({ i }) => i), 'the next page');
  await opened.page.waitForFunction(() => !String(dataLayer.push).includes('native'));
  assert.equal(await opened.page.evaluate(() => localStorage.exitpoll), id);
  await opened.page.evaluate(() => gtag('consent', 'update', { analytics_storage: 'denied' }));
  await until(() => known(server).length === 2, 'the withdrawal');
  assert.deepEqual(known(server), ['granted', 'anonymous']);
  assert.equal(await opened.page.evaluate(() => localStorage.length), 0);
});

test('what the page says itself goes before the banner, and the owner can have the banner ignored', async (t) => {
  const script = `dataLayer=[];${GTAG}gtag('consent','update',{analytics_storage:'granted'})`;
  const said = await open(shared, t, { pages: page(script + `;exitpoll=function(){(exitpoll.q=exitpoll.q||[]).push(arguments)};exitpoll('consent','anonymous')`), ...extended() });
  const ignored = await open(shared, t, { pages: page(script), ...extended(4) });
  for (const { page: tab, server } of [said, ignored]) {
    await until(() => server.loads('d'), 'the file');
    await tab.waitForFunction(() => !String(dataLayer.push).includes('native'));
    await tab.evaluate(async () => {
      await exitpoll('set', { after: true });
      exitpoll('track', 'end');
    });
    await tab.goto('about:blank');
    await until(() => server.of('track').length, 'the end');
    assert.deepEqual(known(server), []);
  }
});

for (const [name, data, expected] of [
  ['all agreed', { eventStatus: 'tcloaded', gdprApplies: true, purpose: { consents: { 1: true } } }, ['granted']],
  ['no storage', { eventStatus: 'useractioncomplete', gdprApplies: true, purpose: { consents: { 1: false, 2: true } } }, []],
  ['the law does not apply', { eventStatus: 'tcloaded', gdprApplies: false }, ['granted']],
  ['the banner is still open', { eventStatus: 'cmpuishown', gdprApplies: true, purpose: { consents: { 1: true } } }, []],
]) {
  test(`TCF: ${name}`, async (t) => {
    const stub = `window.__tcfapi=(command,version,told)=>{if(command==='addEventListener'&&version===2)told(${JSON.stringify(data)},true)}`;
    const { page: tab, server } = await open(shared, t, { pages: page(stub), ...extended() });
    await until(() => server.loads('c'), 'the file');
    if (expected.length) await until(() => known(server).length, 'the consent');
    await tab.evaluate(async () => {
      await exitpoll('set', { after: true });
      exitpoll('track', 'end');
    });
    await tab.goto('about:blank');
    await until(() => server.of('track').length, 'the end');
    assert.deepEqual(known(server), expected);
  });
}
