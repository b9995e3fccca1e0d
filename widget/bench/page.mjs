// The customer's page that every tracker is measured on: forty sections and a form, the same for all.
import { createServer } from 'node:http';
import { once } from 'node:events';

const WORDS = 'Desks for people who stand and sit, made of ash and steel, with a top that lasts. ';
const sections = Array.from(
  { length: 40 },
  (_, index) => `<section><h2>Part ${index + 1}</h2><p>${WORDS.repeat(4)}</p><button type="button">More of ${index + 1}</button></section>`,
).join('');

const page = (snippet) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,"><style>body{font:16px system-ui;margin:32px;width:600px}form{position:fixed;top:0;left:700px}</style>
${snippet}</head><body><h1>Shop</h1>
<form id="signup" method="post"><label>Name <input name="name"></label> <button type="button">Next</button></form>
${sections}</body></html>`;

/** Serves the page under `/<variant>`, each with its own snippet. */
export async function startShop(snippets) {
  const server = createServer((request, response) => {
    const snippet = snippets[request.url.slice(1)];
    response.writeHead(snippet === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page(snippet ?? ''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
