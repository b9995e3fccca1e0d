// Pages that change what everything is built on: a whole visit gets through, with no error and no shift.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { card, open, until, useBrowser } from './support/browser.mjs';
import { answer, ask, BODY, config, nothingWrong, openHostile, wholeVisit } from './support/hostile.mjs';
import { host, SITE } from './support/server.mjs';

const shared = useBrowser();
const script = (text) => `<script>${text}</script>`;

const CASES = {
  'frozen prototypes': script(`for (const of of [Object, Array, Function, String, Number, RegExp, Date, Promise, Map, Set, Node, Element, HTMLElement, EventTarget, Event, Document])
    { Object.freeze(of); Object.freeze(of.prototype); }`),
  'a library with its own Array.from and more on the prototypes': script(`
    Array.from = function (iterable) { const list = []; for (let i = 0; i < (iterable && iterable.length || 0); i++) list.push(iterable[i]); return list; };
    Array.prototype.each = function (run) { for (let i = 0; i < this.length; i++) run(this[i], i); return this; };
    Array.prototype.find = Array.prototype.detect = function (run) { for (let i = 0; i < this.length; i++) if (run(this[i], i)) return this[i]; };
    Object.prototype.extend = function () { return this; };
    String.prototype.gsub = function () { return this; };
    Element.prototype.remove = function () { if (this.parentNode) this.parentNode.removeChild(this); return this; };
    Element.prototype.hide = Element.prototype.show = function () { return this; };`),
  'a fetch that is wrapped': script(`const real = fetch; window.fetch = function (...values) { return real.apply(this, values).then((response) => { response.clone().text(); return response; }); };`),
  'addEventListener that is wrapped, as zones do': script(`
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (type, run, options) {
      return add.call(this || window, type, typeof run === 'function' ? function (event) { return run.apply(this, arguments); } : run, options);
    };
    window.addEventListener = EventTarget.prototype.addEventListener;`),
  'pushState that is wrapped': script(`for (const name of ['pushState', 'replaceState']) {
      const real = history[name];
      history[name] = function () { const result = real.apply(history, arguments); dispatchEvent(new Event('locationchange')); return result; };
    }`),
  'a Promise of its own': script(`const Real = Promise;
    window.Promise = function Promise(run) { const inner = new Real(run); this.then = (a, b) => Wrapped(inner.then(a, b)); this.catch = (a) => Wrapped(inner.catch(a)); };
    const Wrapped = (inner) => new window.Promise((resolve, reject) => inner.then(resolve, reject));
    window.Promise.resolve = (value) => Wrapped(Real.resolve(value)); window.Promise.reject = (value) => Wrapped(Real.reject(value));
    window.Promise.all = (list) => Wrapped(Real.all(list));`),
  'a JSON of its own': script(`const { parse, stringify } = JSON; window.JSON = { parse: (text) => parse(text), stringify: (value) => stringify(value) };`),
  'storage that throws': script(`for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
    Object.defineProperty(document, 'cookie', { get() { throw new DOMException('denied', 'SecurityError'); }, set() { throw new DOMException('denied', 'SecurityError'); } });`),
  'style that unsets everything': '<style>*{font-size:40px!important;all:unset!important}button,form,input{display:block!important}head,style,script{display:none!important}</style>',
  'style that hides what it does not know': '<style>:not(:defined),[popover],div,section,form,fieldset{display:none!important;visibility:hidden!important}</style>',
  'style that moves the body': '<style>html{font-size:62.5%}body{transform:translateX(40px);filter:blur(0);contain:paint;overflow:hidden;height:300px;width:300px}</style>',
};

for (const [name, head] of Object.entries(CASES)) {
  test(`${name}: a whole visit, no error, no shift`, async (t) => {
    await wholeVisit(await openHostile(shared, t, { head }));
  });
}

test('toJSON on the prototypes that makes of a list what is none: nothing can be recorded, and the page is left alone', async (t) => {
  const toJSON = script(`Array.prototype.toJSON = function () { return '[' + this.map((item) => JSON.stringify(item)) + ']'; };
    String.prototype.toJSON = function () { return '"' + this + '"'; };`);
  const opened = await open(shared, t, {
    pages: { '/': host(BODY, { head: toJSON }) },
    config,
    goto: false,
    // What the server answers to what is no batch.
    setup: (peer) => (peer.refuse = () => ({ status: 400, text: '{}' })),
  });
  const { page, server, errors } = opened;
  await page.goto(server.origin + '/');
  await until(() => server.bodies.length, 'the first request');
  await page.click('#buy');
  await page.evaluate(() => exitpoll('show', 'prm_1'));
  await until(() => server.bodies.length === 2, 'another request');
  await page.waitForTimeout(2_500);
  assert.equal(server.bodies.length, 2, 'what is refused for good is not sent again');
  assert.deepEqual(errors, []);
});

// The lines that the readme gives. The pages of these tests come from the address of the script.
const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
const POLICIES = [...readme.matchAll(/^Content-Security-Policy: (.*)$/gm)].map(([, policy]) => policy.replaceAll('https://poll.example.com', "'self'"));
test('the readme gives its three policies', () => {
  assert.equal(POLICIES.length, 3);
  assert.ok(POLICIES.some((policy) => policy.includes('strict-dynamic')) && POLICIES.some((policy) => policy.includes('trusted-types')));
});
for (const [name, policy] of [
  ...POLICIES.map((policy, index) => [`line ${index + 1} of the readme`, policy]),
  ['nonce and strict-dynamic, without another base', `${POLICIES[1]}; base-uri 'none'`],
]) {
  test(`a policy of ${name}: a whole visit, no violation, no shift`, async (t) => {
    const snippet = `<script nonce="abc">window.exitpoll=function(){(exitpoll.q=exitpoll.q||[]).push(arguments)};violations=[];
      document.addEventListener('securitypolicyviolation',({violatedDirective,blockedURI})=>violations.push(violatedDirective+' '+blockedURI))</script>
      <script nonce="abc" async src="/x/${SITE}.js"></script>`;
    const opened = await openHostile(shared, t, {
      pages: { '/': { html: host(BODY, { snippet }), headers: { 'content-security-policy': policy } } },
    });
    await ask(opened);
    assert.deepEqual(await opened.page.evaluate(() => violations), []);
    await answer(opened);
    await until(() => opened.server.answers.length, 'the answer');
    await nothingWrong(opened);
  });
}

test('a page translated by the browser: clicks keep their element, the card keeps working', async (t) => {
  const opened = await openHostile(shared, t);
  const { page, server } = opened;
  // What the translator does: each text node is taken apart and stands in two font elements.
  const translate = () => {
    const wrap = (root) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) if (walker.currentNode.data.trim() && !/^(SCRIPT|STYLE)$/.test(walker.currentNode.parentNode.nodeName)) texts.push(walker.currentNode);
      for (const text of texts) {
        const outer = document.createElement('font');
        const inner = document.createElement('font');
        outer.style.verticalAlign = inner.style.verticalAlign = 'inherit';
        text.replaceWith(outer);
        outer.append(inner);
        inner.append(text);
      }
    };
    wrap(document.body);
    const shadow = document.querySelector('exitpoll-card')?.shadowRoot;
    if (shadow) wrap(shadow);
    document.documentElement.lang = 'de';
    document.documentElement.className = 'translated-ltr';
  };
  await page.evaluate(translate);
  await page.click('#buy font font');
  await ask(opened);
  await page.evaluate(translate);
  await card(page).locator('.row font', { hasText: 'Something else' }).first().click();
  await card(page).getByRole('textbox').fill('Es lädt nicht');
  await card(page).locator('button font', { hasText: 'Send' }).first().click();
  await until(() => server.answers.length, 'the answer');
  await card(page).locator('.done').waitFor();
  await nothingWrong(opened);
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.of('click').map(([, , props]) => props), [{ l: 'Buy now', h: '' }]);
  assert.deepEqual(server.answers[0].v, { q1: { c: ['other'], x: 'Es lädt nicht' } });
});
