// The server of the peers. Their own servers cannot be started here: this stub hands out their files, compressed as
// ours are, and gives the replies that their scripts wait for. PostHog's gets one survey, so that it really opens.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gunzipSync } from 'node:zlib';

const folder = new URL('.', import.meta.url);

/** The same question as the one of our card. */
const SURVEY = {
  id: '0190a1b2-0000-7000-8000-000000000001',
  name: 'Why not',
  type: 'popover',
  questions: [
    {
      id: 'q1',
      type: 'single_choice',
      question: 'What stopped you from finishing?',
      choices: ['It asks for too much', 'Too expensive', 'I am only looking around', 'Something else'],
      hasOpenChoice: true,
      buttonText: 'Send',
    },
  ],
  conditions: null,
  appearance: { position: 'right', displayThankYouMessage: true, thankYouMessageHeader: 'Thank you' },
  start_date: '2026-01-01T00:00:00Z',
  end_date: null,
  enable_partial_responses: true,
};

const CONFIG = {
  token: 'phc_bench',
  surveys: true,
  hasFeatureFlags: false,
  supportedCompression: ['gzip', 'gzip-js'],
  autocapture_opt_out: false,
  sessionRecording: false,
};

/** What PostHog's script asks its server for; the paths are read from the script. */
const POSTHOG = [
  [/^\/array\/[^/]+\/config$/, CONFIG],
  [/^\/api\/surveys\//, { surveys: [SURVEY] }],
  [/^\/flags\//, { featureFlags: {}, flags: {}, errorsWhileComputingFlags: false }],
  [/^\/(e|s|i\/v0\/e)\//, { status: 1 }],
];

async function bundle(name, build) {
  const { outputFiles } = await build({
    absWorkingDir: folder.pathname,
    entryPoints: [`peers/${name}.js`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2021',
    write: false,
  });
  return outputFiles[0].contents;
}

/** `heard` keeps what the peers have sent. */
export async function startPeers(build) {
  const { version } = JSON.parse(await readFile(new URL('node_modules/posthog-js/package.json', folder)));
  const [plausible, posthog, surveys] = await Promise.all([
    bundle('plausible', build),
    bundle('posthog', build),
    readFile(new URL('node_modules/posthog-js/dist/surveys.js', folder)),
  ]);
  const files = Object.fromEntries(
    Object.entries({
      '/plausible.js': plausible,
      '/posthog.js': posthog,
      // Where it looks first.
      [`/static/${version}/surveys.js`]: surveys,
      '/array/phc_bench/config.js': `(window._POSTHOG_REMOTE_CONFIG={}).phc_bench=${JSON.stringify({ config: CONFIG, siteApps: [] })}`,
    }).map(([path, text]) => [path, brotliCompressSync(text)]),
  );
  const peers = { heard: '' };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://peer');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    peers.heard += read(body);
    const shared = {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type',
    };
    if (files[pathname]) {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'content-encoding': 'br', ...shared });
      return response.end(files[pathname]);
    }
    const known = POSTHOG.find(([path]) => path.test(pathname));
    const isEvent = pathname === '/api/event' || request.method === 'OPTIONS';
    response.writeHead(known || isEvent ? 200 : 404, { 'content-type': 'application/json', ...shared });
    response.end(known ? JSON.stringify(known[1]) : '{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  peers.origin = `http://127.0.0.1:${server.address().port}`;
  peers.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return peers;
}

/** PostHog compresses what it sends. */
function read(body) {
  const text = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body).toString() : body.toString();
  return text.startsWith('data=') ? Buffer.from(decodeURIComponent(text.slice(5)), 'base64').toString() : text;
}
