// Builds the files visitors load and holds them to their size.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { bundle, compressed } from './bundle.mjs';

const PLACEHOLDER = '__EXITPOLL_CONFIG__';
const FILES = [
  { name: 'core', entry: 'src/main.ts', format: 'iife', limit: 4096 },
  // Lazy files: each exports `start`, or `DRAWN` for the card, and has its letter in src/delivery/script.rs.
  { name: 'view', entry: 'src/view.ts', format: 'esm', limit: 5120 },
  { name: 'occasions', entry: 'src/occasions.ts', format: 'esm', limit: 2560 },
  { name: 'touch', entry: 'src/touch.ts', format: 'esm', limit: 1024 },
  { name: 'kinds', entry: 'src/kinds.ts', format: 'esm', limit: 3072 },
  { name: 'places', entry: 'src/places.ts', format: 'esm', limit: 2048 },
  { name: 'goals', entry: 'src/goals.ts', format: 'esm', limit: 1536 },
  { name: 'pick', entry: 'src/pick.ts', format: 'esm', limit: 5120 },
  { name: 'debug', entry: 'src/debug.ts', format: 'esm', limit: 5120 },
  { name: 'api', entry: 'src/api.ts', format: 'esm', limit: 2048 },
  { name: 'data_layer', entry: 'src/data_layer.ts', format: 'esm', limit: 1024 },
  { name: 'chats', entry: 'src/chats.ts', format: 'esm', limit: 512 },
  { name: 'banner', entry: 'src/banner.ts', format: 'esm', limit: 512 },
  { name: 'measures', entry: 'src/measures.ts', format: 'esm', limit: 1536 },
];

const folder = new URL('.', import.meta.url);
const check = process.argv.includes('--check');
const outputs = new Map();
const sizes = {};
const problems = [];

for (const { name, entry, format, limit } of FILES) {
  const text = await bundle({ name, entry, format });
  const brotli = compressed(text);
  outputs.set(`${name}.js`, text);
  sizes[name] = { raw: Buffer.byteLength(text), brotli };
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  console.log(`${name}.js  ${brotli} B brotli of ${limit}, ${sizes[name].raw} B raw, ${hash}`);
  if (brotli > limit) problems.push(`${name}.js is ${brotli - limit} B over its limit of ${limit} B brotli`);
}

if (outputs.get('core.js').split(PLACEHOLDER).length !== 2) {
  problems.push(`core.js must name ${PLACEHOLDER} exactly once: the server replaces one occurrence`);
}
outputs.set('sizes.json', JSON.stringify(sizes, null, 2) + '\n');

await mkdir(new URL('dist/', folder), { recursive: true });
for (const [name, text] of outputs) {
  const file = new URL(`dist/${name}`, folder);
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    problems.push(`dist/${name} differs from a fresh build: run \`node build.mjs\``);
  }
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;
