// A real HTTP peer that speaks the wire contract, and the host pages of the tests.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const dist = new URL('../../../dist/', import.meta.url);
export const SITE = 'site_test';

export const CONTENT = {
  lang: 'en',
  dir: 'ltr',
  questions: [
    {
      id: 'q1',
      kind: 'single',
      title: 'What stopped you from finishing?',
      choices: [
        { id: 'c1', label: 'It asks for too much' },
        { id: 'c2', label: 'Too expensive' },
        { id: 'c3', label: 'I am only looking around' },
        { id: 'other', label: 'Something else', words: true },
      ],
      comment: 'Anything to add?',
      must: 'Choose an answer.',
    },
  ],
  submit: 'Send',
  next: 'Next',
  back: 'Back',
  of: '{n} of {of}',
  later: 'Not now',
  close: 'Close',
  thanks: 'Thank you. This helps.',
  css: await readFile(new URL('../../../../tests/fixtures/wire/card.css', import.meta.url), 'utf8'),
};

export const prompt = (changes = {}, id = 'prm_1') => ({
  id,
  pages: ['*'],
  after: null,
  within: 600_000,
  cancel: [],
  at: ['exit'],
  form: '*',
  active: 0,
  speed: 0.4,
  ...changes,
});

/** Letters of the lazy files, as src/delivery/script.rs has them. */
const LAZY = { u: 'view.js', m: 'occasions.js', t: 'touch.js', k: 'kinds.js', a: 'api.js', s: 'places.js', d: 'data_layer.js', c: 'banner.js', h: 'chats.js', g: 'goals.js', f: 'measures.js' };

/** Starts the peer. `pages` maps paths to HTML or to { html, headers }. */
export async function startServer(pages = {}) {
  const core = await readFile(new URL('core.js', dist), 'utf8');
  const lazy = {};
  const names = {};
  for (const [letter, file] of Object.entries(LAZY)) {
    const text = await readFile(new URL(file, dist), 'utf8');
    names[letter] = `${letter}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}.js`;
    lazy['/x/' + names[letter]] = text;
  }
  const server = {
    pages,
    config: { v: 1, k: SITE, u: names.u, a: names.a, f: 5, q: '[?&](?!utm_)[^&]*', goals: [], prompts: [] },
    /** Names of the lazy files by their letters. */
    names,
    /** Decides about an `eligible` event; tests replace it. */
    decide: (p) =>
      server.config.prompts.some(({ id }) => id === p)
        ? { p, show: { token: 'token_' + p, content: CONTENT } }
        : { p, no: 'unknown_prompt' },
    /** More of the reply to a first batch. */
    visit: () => ({}),
    /** May answer instead of the peer: return { status, headers, body } or nothing. */
    refuse: () => undefined,
    delay: () => 0,
    /** Requests as they came, raw text first. */
    bodies: [],
    requests: [],
    get viewLoads() {
      return server.loads('u');
    },
    /** How often a lazy file was asked for. */
    loads: (letter) => server.requests.filter(({ path }) => path.startsWith(`/x/${letter}.`)).length,
    get batches() {
      return server.bodies.map((body) => JSON.parse(body));
    },
    /** Events that were accepted, each once however often its batch came. */
    get events() {
      const seen = new Map();
      for (const { w, s, e } of server.batches) if (e.length) seen.set(w + s, e);
      return [...seen.values()].flat();
    },
    of: (kind) => server.events.filter((event) => event[1] === kind),
    get answers() {
      return server.batches.flatMap(({ a = [] }) => a);
    },
    forget() {
      server.bodies.length = 0;
      server.requests.length = 0;
    },
  };

  const reply = (batch) => {
    const asked = batch.e.filter(([, kind]) => kind === 'eligible').map(([, , { p, m }]) => ({ m, ...server.decide(p, m) }));
    return {
      cv: server.config.v,
      ...(batch.c === server.config.v ? {} : { config: server.config }),
      ...(asked.length
        ? {
            decided: asked.filter(({ no }) => !/on_the_way|not_reached/.test(no)).map(({ p }) => p),
            slot: asked.every(({ no, m }) => no || m === 'asked'),
          }
        : {}),
      ...(batch.e.length && batch.s === 0
        ? { visit: 'vis_1', goals: [], armed: [], decided: [], slot: true, ...server.visit(batch) }
        : batch.e.some(([, kind]) => kind === 'page_view') && { armed: server.visit(batch).armed ?? [] }),
      ask: asked,
    };
  };

  const http = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    server.requests.push({ method: request.method, path: pathname, headers: request.headers });
    const shared = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
    if (pathname === '/x/i') {
      let body = '';
      for await (const chunk of request) body += chunk;
      server.bodies.push(body);
      const wait = server.delay(JSON.parse(body));
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      const refusal = server.refuse(JSON.parse(body));
      const { status = 200, headers = {}, text = JSON.stringify(reply(JSON.parse(body))) } = refusal ?? {};
      response.writeHead(status, {
        'content-type': 'application/json',
        'access-control-expose-headers': 'retry-after',
        ...shared,
        ...headers,
      });
      response.end(text);
    } else if (pathname === `/x/${SITE}.js`) {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', ...shared });
      response.end(core.replace('__EXITPOLL_CONFIG__', JSON.stringify(server.config)));
    } else if (pathname in lazy) {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', ...shared });
      response.end(lazy[pathname]);
    } else {
      const page = server.pages[pathname] ?? server.pages['*'];
      const { html = page, headers = {}, status = html === undefined ? 404 : 200 } = typeof page === 'object' ? page : {};
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
      response.end(html);
    }
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address();
  server.origin = `http://127.0.0.1:${port}`;
  server.close = () => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  };
  /** After `close`, at the same address. */
  server.reopen = () => new Promise((resolve) => http.listen(port, '127.0.0.1', resolve));
  return server;
}

export const SNIPPET = `<script>window.exitpoll=window.exitpoll||function(){(exitpoll.q=exitpoll.q||[]).push(arguments)}</script>
<script async src="/x/${SITE}.js"></script>`;

export const host = (body, { head = '', snippet = SNIPPET } = {}) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Host page</title>${head}${snippet}</head><body>${body}</body></html>`;
