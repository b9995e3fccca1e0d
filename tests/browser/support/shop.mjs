// A plain multi-page site of a customer, on an origin of its own, with the snippet as the admin gives it.
import { createServer } from "node:http";
import { once } from "node:events";

const page = (title, snippet, body) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>body{font:16px system-ui;margin:2rem;min-height:1600px}label{display:block;margin:.5rem 0}</style>
${snippet}</head><body>
<nav><a href="/">Home</a> <a href="/pricing">Pricing</a> <a href="/signup">Sign up</a> <a href="/blog">Blog</a></nav>
<h1>${title}</h1>${body}</body></html>`;

const FORM = `<form id="signup" method="post" action="/signup">
<label>Name <input name="name" required></label>
<label>E-mail <input name="email" type="email" required></label>
<label>Phone <input name="phone"></label>
<label>Password <input name="password" type="password"></label>
<label>Card <input name="card" autocomplete="cc-number"></label>
<label>Team <select name="team"><option>1</option><option>2 to 10</option></select></label>
<label>Notes <textarea name="notes"></textarea></label>
<button>Create account</button></form>`;

/** Serves the site; `headers` are added to every page. The snippet may be set after the start, when the site has a key. */
export async function startShop({ snippet = "", headers = {}, pages = {} } = {}) {
  const shop = { snippet, headers };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://shop").pathname;
    request.resume();
    if (request.method === "POST") {
      response.writeHead(303, { location: "/thanks" }).end();
      return;
    }
    const bodies = {
      "/": "<p>We sell desks.</p>",
      "/pricing": "<p>49 € a month.</p><p><a href='/signup'>Start</a></p>",
      "/signup": FORM,
      "/thanks": "<p>Welcome.</p>",
      "/blog": "<p>News.</p>",
      "/pay": "<p>Pay here.</p>",
      ...pages,
    };
    const body = bodies[path];
    response.writeHead(body ? 200 : 404, { "content-type": "text/html", ...shop.headers });
    response.end(page(path === "/" ? "Home" : path.slice(1), shop.snippet, body ?? "<p>Not found.</p>"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  shop.origin = `http://127.0.0.1:${server.address().port}`;
  shop.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return shop;
}
