// Stands between the widget and the service, passes everything on unchanged, and keeps what was said.
import { createServer, request as send } from "node:http";
import { once } from "node:events";

export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const exchanges = [];
  const server = createServer((incoming, outgoing) => {
    const chunks = [];
    const upstream = send(
      { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (reply) => {
        const parts = [];
        outgoing.writeHead(reply.statusCode, reply.headers);
        reply.on("data", (part) => {
          parts.push(part);
          outgoing.write(part);
        });
        reply.on("end", () => {
          outgoing.end();
          exchanges.push({
            path: incoming.url,
            status: reply.statusCode,
            sent: Buffer.concat(chunks).toString(),
            received: Buffer.concat(parts),
          });
        });
      },
    );
    upstream.on("error", () => outgoing.destroy());
    incoming.on("data", (chunk) => {
      chunks.push(chunk);
      upstream.write(chunk);
    });
    incoming.on("end", () => upstream.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    exchanges,
    /** Requests to the ingest endpoint with their replies, oldest first. */
    ingests: () =>
      exchanges
        .filter((exchange) => exchange.path === "/x/i" && exchange.status === 200)
        .map((exchange) => ({ sent: JSON.parse(exchange.sent), reply: JSON.parse(exchange.received.toString()) })),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
