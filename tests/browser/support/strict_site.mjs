// A site of another origin whose policy forbids inline styles and scripts, eval, and what is not listed.
import { once } from "node:events";
import { createServer } from "node:http";

/** Every page has the script of the site whose key `key` gives, and this body. Scripts of the body need the nonce `n0nce`. */
export async function startStrictSite(service, key, body) {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, {
      "content-type": "text/html",
      "content-security-policy": `default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; style-src 'nonce-n0nce'; connect-src ${service.url}; require-trusted-types-for 'script'; trusted-types 'none'; form-action 'self'; base-uri 'none'`,
    });
    response.end(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Desks</title><meta name="viewport" content="width=device-width"><script nonce="n0nce" async src="${service.url}/x/${key()}.js"></script></head><body>${body}</body></html>`,
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page of a browser of its own, with the errors of its console and scripts. */
export async function somebodyOn(browser, name, options = {}) {
  const context = await browser.newContext({ userAgent: `Mozilla/5.0 (${name}) Firefox/147.0`, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  return page;
}
