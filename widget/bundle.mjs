// Makes one file of the widget out of its sources.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, transform } from 'esbuild';
import { minify } from 'terser';

/**
 * What the files that are full call their variables, most frequent first: the order that compresses best, found by
 * `node names.mjs`.
 */
const NAMES = {
  core: 'EntgisykqmpVPrANMeHIBjOwbfzUcSYRlLXhxDJQKvWFZaCGToud',
  view: 'nxtgmrVzlBAWvYsIkwbNecCXZdKuaqhLHUQRfGiEpJyoOjMTSPFDc',
};

/** For files whose functions are all needed soon: browsers that know it compile them beside the page, not each at its first call. */
const COMPILE_ALL = '//# allFunctionsCalledOnLoad\n';

/** Style sheets become minified text: the view puts them into a constructed sheet. */
const styles = {
  name: 'styles',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    }),
};

/** The n-th of all identifiers over `names`; 52 letters, so that it takes no digits. */
const numbered = (names) => ({
  get: (number) => {
    let name = names[number % names.length];
    for (let rest = Math.floor(number / names.length); rest > 0; rest = Math.floor((rest - 1) / names.length)) {
      name += names[(rest - 1) % names.length];
    }
    return name;
  },
});

/** Bundled by esbuild, not minified yet. */
export async function joined({ entry, format }) {
  const { outputFiles } = await build({
    absWorkingDir: new URL('.', import.meta.url).pathname,
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
  return outputFiles[0].text;
}

/** A second minifier: it folds functions that are used once into their place, which is 4 % after compression. */
export async function minified(text, { name, names = NAMES[name] }) {
  const isCore = name === 'core';
  const { code } = await minify(text, {
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
      booleans_as_integers: isCore,
    },
    // The card of another build may open with this core: nothing that travels between the files is renamed here.
    mangle: { properties: false, ...(names && { nth_identifier: numbered(names) }) },
  });
  return (names ? COMPILE_ALL : '') + code;
}

export const bundle = async (file) => minified(await joined(file), file);

/** Bytes on the wire. */
export const compressed = (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
