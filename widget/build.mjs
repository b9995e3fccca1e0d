// Builds the files visitors load and holds them to their size.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, transform } from 'esbuild';
import { minify } from 'terser';

const PLACEHOLDER = '__EXITPOLL_CONFIG__';
const FILES = [
  { name: 'core', entry: 'src/main.ts', format: 'iife', limit: 4096 },
  // Lazy files: each exports `start`, or `DRAWN` for the card, and has its letter in src/delivery/script.rs.
  { name: 'view', entry: 'src/view.ts', format: 'esm', limit: 5120 },
  { name: 'occasions', entry: 'src/occasions.ts', format: 'esm', limit: 2560 },
  { name: 'touch', entry: 'src/touch.ts', format: 'esm', limit: 1024 },
  { name: 'kinds', entry: 'src/kinds.ts', format: 'esm', limit: 3072 },
  { name: 'places', entry: 'src/places.ts', format: 'esm', limit: 2048 },
  { name: 'goals', entry: 'src/goals.ts', format: 'esm', limit: 1024 },
  { name: 'pick', entry: 'src/pick.ts', format: 'esm', limit: 5120 },
  { name: 'debug', entry: 'src/debug.ts', format: 'esm', limit: 5120 },
  { name: 'api', entry: 'src/api.ts', format: 'esm', limit: 2048 },
  { name: 'data_layer', entry: 'src/data_layer.ts', format: 'esm', limit: 1024 },
  { name: 'banner', entry: 'src/banner.ts', format: 'esm', limit: 512 },
];

/** Style sheets become minified text: the view puts them into a constructed sheet. */
const styles = {
  name: 'styles',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    }),
};

const folder = new URL('.', import.meta.url);
const check = process.argv.includes('--check');
const outputs = new Map();
const sizes = {};
const problems = [];

for (const { name, entry, format, limit } of FILES) {
  const { outputFiles } = await build({
    absWorkingDir: folder.pathname,
    entryPoints: [entry],
    bundle: true,
    format,
    target: 'es2021',
    minifySyntax: true,
    charset: 'utf8',
    mangleProps: /[^_]_$/,
    legalComments: 'none',
    plugins: [styles],
    // The strict directive is for the compiler; in the file it is only weight.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
    write: false,
  });
  // A second minifier: it folds functions that are used once into their place, which is 4 % after compression.
  const { code: text } = await minify(outputFiles[0].text, {
    ecma: 2021,
    module: true,
    compress: {
      passes: 3,
      unsafe_arrows: true,
      pure_getters: true,
      keep_fargs: false,
      hoist_funs: true,
      unsafe_comps: true,
      // The core sends no literal truth value: one would travel as 0 or 1.
      booleans_as_integers: name === 'core',
    },
    // The card of another build may open with this core: nothing that travels between the files is renamed here.
    mangle: { properties: false },
  });
  const brotli = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
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
