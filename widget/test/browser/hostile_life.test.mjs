// What happens to a page in its life: put aside, opened ahead of its time, framed, written anew, cleaned up.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { card, exit, until, useBrowser } from './support/browser.mjs';
import { FLAGS } from './support/flags.mjs';
import { answer, ask, BODY, nothingWrong, openHostile } from './support/hostile.mjs';
import { host, prompt, SNIPPET, startServer } from './support/server.mjs';

const shared = useBrowser();

test('back and forward with an open card: the page may be put aside, and its card goes on working', async (t) => {
  const opened = await openHostile(shared, t, { pages: { '*': host(BODY) } });
  const { page, server } = opened;
  await ask(opened);
  await card(page).getByText('Too expensive').click();
  await page.evaluate(() => (globalThis.marker = 1));
  await page.goto(server.origin + '/next');
  await until(() => server.answers.length, 'the choice made so far');
  await page.goBack({ waitUntil: 'commit' });
  await until(() => server.of('page_view').length === 3, 'the page again');
  assert.equal(await page.evaluate(() => globalThis.marker), 1, 'it was put aside, not loaded again');
  await card(page).getByRole('button', { name: 'Send' }).click();
  await until(() => server.answers.some(({ done }) => done), 'the whole answer');
  await page.goForward({ waitUntil: 'commit' });
  await until(() => server.of('page_view').length === 4, 'the other page again');
  await nothingWrong(opened);
});

test('opened ahead of its time: nothing is sent before the page is shown', async (t) => {
  const rules = '<script type="speculationrules">{"prerender":[{"source":"list","urls":["/next"],"eagerness":"immediate"}]}</script>';
  const go = '<script>setTimeout(() => (location.href = "/next"), 3000)</script>';
  const tell =
    '<script>fetch("/ran?" + document.prerendering);exitpoll=(...call)=>(exitpoll.q??=[]).push(call);exitpoll("show","prm_1");' +
    'new PerformanceObserver(()=>fetch("/wrong?moved")).observe({type:"layout-shift",buffered:true});addEventListener("error",()=>fetch("/wrong?error"))</script>';
  const server = await startServer({ '/': host(rules + go), '/next': host('<h1>Next</h1>', { head: tell }), '/ran': '', '/wrong': '' });
  server.config.prompts = [prompt()];
  // A browser that is driven opens nothing ahead of its time: this one is left alone.
  const profile = await mkdtemp(join(tmpdir(), 'exitpoll-prerender-'));
  const browser = spawn(process.env.CHROMIUM || '/usr/bin/chromium', [...FLAGS, `--user-data-dir=${profile}`, server.origin + '/'], { stdio: 'ignore', detached: true });
  t.after(async () => {
    process.kill(-browser.pid, 'SIGKILL');
    await once(browser, 'exit');
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const isEarly = ({ path, headers }) => path === '/ran' && /prerender/.test(headers['sec-purpose']);
  await until(() => server.requests.some(isEarly), 'the page to be run ahead of its time', 20_000);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.deepEqual(server.batches.map(({ e }) => e[0][2]?.u), ['/?'], 'only of the page that is shown');
  await until(() => server.of('page_view').length === 2, 'the page that is shown', 20_000);
  assert.equal(server.of('page_view')[1][2].u, '/next?');
  assert.equal(server.requests.filter(({ path }) => path === '/next').length, 1, 'it was the one opened before');
  await until(() => server.of('prompt_shown').length, 'its card');
  assert.equal(server.requests.filter(({ path }) => path === '/wrong').length, 0, 'nothing has moved, nothing was thrown');
});

test('three tabs of one site: three page loads, each card and answer its own', async (t) => {
  const opened = await openHostile(shared, t);
  const { context, server, errors } = opened;
  const pages = [opened.page];
  for (let tab = 2; tab <= 3; tab += 1) {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(server.origin + '/');
    await until(() => server.of('page_view').length === tab, `tab ${tab}`);
    pages.push(page);
  }
  for (const page of pages) await ask({ page, server });
  for (const page of pages) assert.equal(await card(page).count(), 1);
  for (const [index, page] of pages.entries()) {
    await page.bringToFront();
    await answer({ page });
    await until(() => server.answers.length === index + 1, `answer ${index + 1}`);
  }
  assert.equal(new Set(server.batches.map(({ w }) => w)).size, 3);
  await nothingWrong(opened);
});

test('in a frame, of the same or another origin, nobody is asked; what happens in it is recorded', async (t) => {
  const other = await startServer({ '/': host(BODY) });
  t.after(() => other.close());
  const due = { prompts: [prompt({ at: ['exit', 'next_page'] })] };
  Object.assign(other.config, due);
  other.visit = () => ({ armed: ['prm_1'] });
  const frames = `<iframe src="/framed" width="500" height="300"></iframe><iframe src="${other.origin}/" width="500" height="300"></iframe>`;
  const opened = await openHostile(shared, t, {
    pages: { '/': host(frames, { snippet: '' }), '/framed': host(BODY) },
    config: due,
    before: ({ server }) => (server.visit = () => ({ armed: ['prm_1'] })),
  });
  const { page, server } = opened;
  await until(() => other.of('page_view').length, 'the other frame');
  for (const frame of page.frames().slice(1)) await frame.click('#buy');
  await exit(page);
  // Longer than a question that was put off waits.
  await page.waitForTimeout(4_000);
  await page.goto('about:blank');
  for (const peer of [server, other]) {
    await until(() => peer.of('click').length, 'the click');
    assert.deepEqual([...peer.of('eligible'), ...peer.of('prompt_shown')], []);
  }
  assert.deepEqual(opened.errors, []);
});

test('a page that writes itself anew: no error, and what was waiting still arrives', async (t) => {
  const opened = await openHostile(shared, t);
  const { page, server } = opened;
  await ask(opened);
  await page.evaluate((text) => {
    exitpoll('track', 'before');
    document.open();
    document.write(text);
    document.close();
    exitpoll('track', 'after');
  }, host('<h1>New</h1><button id="buy">Buy now</button>', { snippet: SNIPPET }));
  await page.click('#buy');
  await page.evaluate(() => exitpoll('close'));
  await until(() => server.of('track').length === 2, 'what was waiting');
  assert.deepEqual(opened.errors, []);
});

test('a page that removes whatever it does not know: no error, and the choice already made arrives', async (t) => {
  const opened = await openHostile(shared, t);
  const { page, server } = opened;
  await ask(opened);
  await card(page).getByText('Too expensive').click();
  await page.evaluate(() => document.querySelector('exitpoll-card').remove());
  await page.click('#buy');
  await page.evaluate(() => exitpoll('close'));
  await until(() => server.answers.length, 'the choice');
  await nothingWrong(opened);
  await page.goto('about:blank');
  await until(() => server.of('page_hidden').length, 'the end');
  assert.deepEqual(server.answers[0].v, { q1: { c: ['c2'] } });
});

test('a page that removes the card: the next one opens', async (t) => {
  const opened = await openHostile(shared, t);
  await ask(opened);
  await opened.page.evaluate(() => document.querySelector('exitpoll-card').remove());
  await ask(opened);
  await nothingWrong(opened);
});

test('a page that replaces its body: no error, and the next page view is recorded', async (t) => {
  const opened = await openHostile(shared, t);
  const { page, server } = opened;
  await ask(opened);
  await page.evaluate(() => {
    document.body.outerHTML = '<body><button id="buy">Buy now</button></body>';
    history.pushState(null, '', '/next');
  });
  await page.click('#buy');
  await until(() => server.of('page_view').length === 2, 'the next page');
  assert.deepEqual(opened.errors, []);
});

/** What a page sees of its own handlers: order, `this`, what is prevented, what comes back from what it calls. */
const PAGE = `<script>
  const seen = [];
  const note = (name) => function (event) { seen.push([name, event.type, this === event.currentTarget, event.eventPhase, event.defaultPrevented]); };
  for (const type of ['click', 'input', 'submit', 'pointerdown', 'keydown', 'focusin']) {
    window.addEventListener(type, note('window capture'), true);
    document.addEventListener(type, note('document capture'), true);
    document.addEventListener(type, note('document'));
    window.addEventListener(type, note('window'));
  }
  addEventListener('DOMContentLoaded', () => {
    const link = document.querySelector('#link');
    link.onclick = function (event) { seen.push(['link', this === link]); return false; };
    const stop = document.querySelector('#stop');
    stop.addEventListener('click', (event) => { event.stopImmediatePropagation(); seen.push(['stopped']); });
    stop.addEventListener('click', () => seen.push(['never']));
    document.querySelector('form').onsubmit = (event) => { seen.push(['submit', event.submitter.id]); event.preventDefault(); };
  });
</script>`;

test('the handlers of the page see what they would see without us', async (t) => {
  const body = '<a id="link" href="/gone">Link</a> <button id="stop">Stop</button><form method="post"><input name="email"><button id="send">Send</button></form>';
  const pages = { '/with': host(body, { head: PAGE }), '/without': host(body, { head: PAGE, snippet: '' }), '/': host(BODY) };
  const opened = await openHostile(shared, t, { pages });
  const { page, server } = opened;
  const use = async (path) => {
    await page.goto(server.origin + path);
    if (path === '/with') await page.waitForFunction(() => exitpoll.booted);
    for (const id of ['link', 'stop']) await page.click('#' + id);
    await page.fill('[name=email]', 'a');
    await page.click('#send');
    return page.evaluate(() => ({
      seen,
      returned: [history.pushState({ a: 1 }, '', location.href), history.state.a, dispatchEvent(new Event('x', { cancelable: true }))],
      native: [fetch, history.pushState, history.replaceState, addEventListener, Element.prototype.attachShadow, XMLHttpRequest.prototype.send, navigator.sendBeacon]
        .map((of) => /native code/.test(Function.prototype.toString.call(of))),
      handlers: [onerror, onunhandledrejection, onbeforeunload, onpagehide, document.onvisibilitychange],
    }));
  };
  const without = await use('/without');
  assert.ok(without.seen.length > 30);
  assert.deepEqual(await use('/with'), without);
  await nothingWrong(opened);
});

test('globals of the page: one name is ours, and nothing is left on elements', async (t) => {
  const names = () => Object.getOwnPropertyNames(window).sort();
  const pages = { '/without': host(BODY, { snippet: '' }), '/': host(BODY) };
  const opened = await openHostile(shared, t, { pages });
  const { page, server } = opened;
  const attributes = () => [...document.querySelectorAll('html, body, body > *')].map((element) => element.getAttributeNames().join());
  const withUs = [await page.evaluate(names), await page.evaluate(attributes)];
  await page.goto(server.origin + '/without');
  const without = [await page.evaluate(names), await page.evaluate(attributes)];
  assert.deepEqual(withUs[0].filter((name) => !without[0].includes(name)), ['exitpoll']);
  assert.deepEqual(withUs[1], without[1]);
});
