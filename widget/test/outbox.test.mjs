import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { load } from './support/bundle.mjs';

const START = Date.UTC(2026, 10, 20, 12);
/** Lets promises that wait for nothing but each other settle. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

let outbox;
let sent;
let drained;
let answers;
let random;

const respond = (status = 200, { body = '{"cv":7}', headers = {} } = {}) => ({
  ok: status < 300,
  status,
  headers: new Headers(headers),
  text: async () => {
    drained++;
    return body;
  },
});

beforeEach(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  sent = [];
  answers = [];
  globalThis.replies = [];
  globalThis.looked = [];
  drained = 0;
  random = 1;
  globalThis.fetch = (url, options) => {
    sent.push({ url, options, ...JSON.parse(options.body) });
    const next = answers.shift() ?? respond();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  Object.defineProperty(globalThis, 'navigator', {
    value: { language: 'en-GB', webdriver: true },
    configurable: true,
  });
  outbox = await load(`export * from './outbox'`, {
    replace: {
      './record': `export const recording = true; export const config = __EXITPOLL_CONFIG__;`,
      './hooks': `export const hooks = [];`,
      './forms': `export const touchForm = () => {};`,
      './moments': `export const takeReply = (reply) => globalThis.replies.push(reply);`,
      './extensions': `export const loadExtensions = () => globalThis.looked.push(globalThis.replies.length);`,
    },
  });
  outbox.openView('navigate');
  // The heartbeat of the page.
  setInterval(() => outbox.sendNext(), 1000);
  mock.method(Math, 'random', () => random);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const tick = async (ms) => {
  mock.timers.tick(ms);
  await settle();
};

test('a batch is plain text without credentials, and the first one carries the facts of the view', async () => {
  outbox.addEvent('page_view', { u: '/' });
  await tick(10);
  outbox.flush();
  await settle();
  const [{ url, options, ...batch }] = sent;
  assert.equal(url, 'https://feedback.example/prefix/x/i');
  assert.deepEqual([options.method, options.credentials, options.keepalive], ['POST', 'omit', true]);
  assert.equal(typeof options.body, 'string');
  assert.equal(options.headers, undefined);
  assert.match(batch.w, /^[0-9a-f]{12}7[0-9a-f]{3}8[0-9a-f]{15}$/);
  assert.equal(parseInt(batch.w.slice(0, 12), 16), START);
  assert.deepEqual(
    { ...batch, w: '' },
    { v: 1, k: 'site_test', c: 7, w: '', s: 0, t: 10, n: 'navigate', d: '', b: true, e: [[0, 'page_view', { u: '/' }]] },
  );
  assert.equal(drained, 1);
});

test('events are numbered through the view, and later batches carry no facts', async () => {
  outbox.addEvent('page_view', { u: '/' });
  outbox.addEvent('page_load', { ms: 5 });
  outbox.flush();
  await settle();
  outbox.addEvent('click', {});
  outbox.flush();
  await settle();
  assert.deepEqual(sent.map(({ s, e, n }) => [s, e.length, n]), [[0, 2, 'navigate'], [2, 1, undefined]]);
});

test('what is not urgent leaves after ten seconds, at the next look', async () => {
  outbox.addEvent('click', {});
  await tick(10_000);
  assert.equal(sent.length, 0);
  await tick(1000);
  assert.equal(sent.length, 1);
});

test('one request at a time; a flush meanwhile is made up for', async () => {
  let release;
  answers.push({ ...respond(), text: () => new Promise((resolve) => (release = () => resolve('{}'))) });
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.addEvent('eligible', { p: 'prm_1' });
  outbox.flush();
  await settle();
  assert.equal(sent.length, 1);
  release();
  await settle();
  assert.deepEqual(sent.map(({ s, e }) => [s, e[0][1]]), [[0, 'page_view'], [1, 'eligible']]);
});

test('a retry repeats the batch to the letter, with a new send time only', async () => {
  answers.push(respond(503), new Error('network'));
  outbox.addEvent('page_view', { u: '/' });
  outbox.flush();
  await settle();
  outbox.addEvent('click', {});
  await tick(1000);
  await tick(2000);
  await tick(0);
  const [first, second, third] = sent;
  const rest = ({ t, options, ...others }) => others;
  assert.deepEqual(rest(second), rest(first));
  assert.deepEqual(rest(third), rest(first));
  assert.deepEqual([first.t, second.t, third.t], [0, 1000, 3000]);
});

test('waits double from one second to a minute, with full jitter', async () => {
  for (let count = 0; count < 12; count++) answers.push(respond(500));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  const waits = [];
  let last = 0;
  while (sent.length < 12) {
    await tick(1000);
    if (sent.length > waits.length + 1) {
      waits.push(sent.at(-1).t - last);
      last = sent.at(-1).t;
    }
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60].map((seconds) => seconds * 1000));
});

test('jitter reaches down to the next look', async () => {
  random = 0;
  answers.push(respond(500));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  await tick(1000);
  assert.equal(sent.length, 2);
});

test('a reply that is no JSON, as from a captive portal, is tried again', async () => {
  answers.push(respond(200, { body: '<html>' }));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  await tick(1000);
  assert.deepEqual(sent.map(({ s }) => s), [0, 0]);
});

for (const status of [400, 403, 404, 413, 415, 422]) {
  test(`${status} drops the batch and goes on with the next`, async () => {
    answers.push(respond(status, { body: '{"code":"x"}' }));
    outbox.addEvent('page_view', {});
    outbox.flush();
    await settle();
    outbox.addEvent('click', {});
    outbox.flush();
    await settle();
    assert.deepEqual(sent.map(({ s, e }) => [s, e[0][1]]), [[0, 'page_view'], [1, 'click']]);
    assert.equal(drained, 2);
  });
}

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(`${status} is tried again`, async () => {
    answers.push(respond(status));
    outbox.addEvent('page_view', {});
    outbox.flush();
    await settle();
    await tick(1000);
    assert.deepEqual(sent.map(({ s }) => s), [0, 0]);
  });
}

test('a request that never comes to an end holds up nothing for longer than ten seconds', async () => {
  answers.push({ ...respond(), text: () => new Promise(() => {}) });
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  await tick(9_000);
  assert.equal(sent.length, 1);
  await tick(1000);
  assert.deepEqual(sent.map(({ s }) => s), [0, 0]);
});

test('at most fifty events a batch, without a gap or a repetition', async () => {
  for (let index = 0; index < 120; index++) outbox.addEvent('click', { l: String.fromCharCode(65 + (index % 26)) });
  outbox.flush();
  await settle();
  assert.deepEqual(sent.map(({ s, e }) => [s, e.length]), [[0, 49], [49, 49], [98, 22]]);
});

test('large events make smaller batches, below 48 kB, and one that is too large takes no other along', async () => {
  const props = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key_${index}`, '€'.repeat(512)]));
  for (let index = 0; index < 8; index++) outbox.addEvent('track', { name: `n${index}`, props });
  outbox.addEvent('track', { name: 'huge', props: { text: 'x'.repeat(20_000) } });
  outbox.addEvent('track', { name: 'last', props: {} });
  outbox.flush();
  await settle();
  for (const { options } of sent) assert.ok(Buffer.byteLength(options.body) < 48_000);
  const names = sent.flatMap(({ e }) => e).map(([, , { name }]) => name);
  assert.deepEqual(names, ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'last']);
});

test('memory is bounded: what comes when twenty batches wait is given up, but for answers', async () => {
  answers.push(new Error('network'));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  for (let index = 0; index < 1200; index++) outbox.addEvent('click', { l: `${index}` });
  outbox.addAnswer({ i: 'token', n: 1, done: true, v: {} });
  await tick(1000);
  await tick(5000);
  const clicks = sent.slice(2).flatMap(({ e }) => e.filter(([, kind]) => kind === 'click'));
  assert.equal(clicks[0][2].l, '0');
  assert.ok(clicks.length < 1200 && clicks.length >= 19 * 49, `${clicks.length}`);
  assert.equal(sent.flatMap(({ a = [] }) => a).length, 1, 'an answer is never given up');
});

test('an answer travels alone, so that a refused event cannot take it along', async () => {
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.addEvent('prompt_started', { p: 'prm_1' });
  outbox.addAnswer({ i: 'token', n: 1, done: true, v: { q1: { c: ['c1'] } } });
  await settle();
  assert.deepEqual(sent[1].a, [{ i: 'token', n: 1, done: true, v: { q1: { c: ['c1'] } }, t: 0 }]);
  assert.deepEqual(sent[1].e, []);
});

test('answers are sent in the order in which they were given', async () => {
  answers.push(new Error('network'));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.addAnswer({ i: 'token', n: 1, done: false, v: {} });
  outbox.addAnswer({ i: 'token', n: 2, done: true, v: {} });
  await tick(1000);
  await settle();
  assert.deepEqual(sent.flatMap(({ a = [] }) => a).map(({ n }) => n), [1, 2]);
});

test('the last flush does not wait for the request under way', async () => {
  answers.push({ ...respond(), text: () => new Promise(() => {}) });
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.addEvent('page_hidden', {});
  outbox.flush(true);
  await settle();
  assert.deepEqual(sent.map(({ s }) => s), [0, 1]);
});

test('a new view seals what the old one still had', async () => {
  outbox.addEvent('page_view', {});
  outbox.addEvent('click', {});
  mock.restoreAll();
  outbox.openView('back_forward');
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.flush();
  await settle();
  assert.deepEqual(sent.map(({ s, n, e }) => [s, n, e.length]), [[0, 'navigate', 2], [0, 'back_forward', 1]]);
  assert.notEqual(sent[0].w, sent[1].w);
});

test('nothing is sent after clearing', async () => {
  answers.push(respond(503));
  outbox.addEvent('page_view', {});
  outbox.flush();
  await settle();
  outbox.addEvent('click', {});
  outbox.clear();
  await tick(600_000);
  assert.equal(sent.length, 1);
});

test('files that a reply names are looked for right behind it, not at the next look', async () => {
  outbox.addEvent('page_view', {});
  outbox.flush();
  assert.equal(looked.at(-1), 0);
  await settle();
  assert.equal(replies.length, 1);
  assert.equal(looked.at(-1), 1, 'no time has passed');
});
