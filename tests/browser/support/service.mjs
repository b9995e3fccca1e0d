// Starts the real service with a database of its own, and says what it logged.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import initSqlJs from "../../../widget/node_modules/sql.js/dist/sql-wasm.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const BINARY = process.env.EXITPOLL_BINARY ?? join(ROOT, "target/debug/exitpoll");

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** A running service. `clock` is a time for faketime, such as "2026-03-01 23:59:50". */
export async function startService({ clock, env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "exitpoll-browser-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let log = "";
  let child;
  let closed;
  const database = `sqlite:${join(folder, "exitpoll.db")}`;
  const begin = async (time) => {
    const command = time ? ["faketime", time, BINARY] : [BINARY];
    child = spawn(command[0], command.slice(1), {
      env: {
        ...process.env,
        TZ: "UTC",
        DATABASE_URL: database,
        EXITPOLL_BIND: `127.0.0.1:${port}`,
        EXITPOLL_LOG: "debug",
        // Every visitor of a test has one address.
        EXITPOLL_RATE_CLIENT_PER_S: "1000",
        EXITPOLL_RATE_CLIENT_BURST: "10000",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: faketime does not pass signals on to the program that it starts.
      detached: true,
    });
    // When nobody writes to them any more: the program may outlive faketime, which started it.
    closed = once(child, "close");
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
    await ready(url, child, () => log);
  };
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended.
    }
  };
  const end = async () => {
    signal("SIGTERM");
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
    signal("SIGKILL");
  };
  await begin(clock);
  return {
    url,
    folder,
    log: () => log,
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
    /** Runs a command of the program on the database, for which the service is stopped; gives what it printed. */
    async run(...command) {
      await end();
      const { stdout, stderr } = await promisify(execFile)(BINARY, command, { env: { ...process.env, DATABASE_URL: database } });
      await begin(clock);
      return stdout + stderr;
    },
    /** The same service and database at another time. */
    async restart(time) {
      await end();
      await begin(time);
    },
    /** Ends the service, and gives every value in its database as text, with the number of its rows. */
    async readDatabase() {
      await end();
      return readDatabase(join(folder, "exitpoll.db"));
    },
    /** Every byte that the service has on disk, the write-ahead log included. */
    async bytesOnDisk() {
      const files = await readdir(folder);
      const parts = await Promise.all(files.map((file) => readFile(join(folder, file))));
      return Buffer.concat(parts);
    },
  };
}

async function readDatabase(file) {
  const { Database } = await initSqlJs();
  const database = new Database(await readFile(file));
  const list = (query) => database.exec(query)[0]?.values ?? [];
  const tables = list("SELECT name FROM sqlite_master WHERE type = 'table'").flat();
  const rows = tables.flatMap((table) => list(`SELECT * FROM "${table}"`));
  const text = rows.flat().map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)));
  return { text: text.join("\n"), rows: rows.length };
}

async function ready(url, child, log) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the service stopped:\n${log()}`);
    try {
      if ((await fetch(`${url}/ready`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the service is not ready:\n${log()}`);
}
