// Bundles a source file as it is, without mangling, and gives it a page that consists of what it asks for.
import { build } from 'esbuild';

export const CONFIG = { v: 7, k: 'site_test', u: 'u.00000000.js', goals: [], prompts: [] };

const stubs = {
  document: {
    hidden: false,
    hasFocus: () => false,
    querySelector: () => null,
    currentScript: { src: 'https://feedback.example/prefix/x/site_test.js' },
  },
  matchMedia: () => ({ matches: false }),
  location: { search: '', pathname: '/', href: 'https://shop.example/' },
};

let count = 0;

/** A fresh copy every time: the files keep their state in themselves. */
export async function load(entry, { config = CONFIG, globals = {}, replace = {} } = {}) {
  for (const [name, value] of Object.entries({ ...stubs, ...globals })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  globalThis.window = globalThis;
  globalThis.top = globalThis;
  const { outputFiles } = await build({
    absWorkingDir: new URL('../..', import.meta.url).pathname,
    stdin: { contents: entry, resolveDir: 'src', loader: 'ts' },
    bundle: true,
    format: 'esm',
    define: { __EXITPOLL_CONFIG__: JSON.stringify(config) },
    plugins: [
      {
        name: 'replace',
        setup(bundler) {
          bundler.onResolve({ filter: /^\.\// }, ({ path }) =>
            path in replace ? { path, namespace: 'replaced' } : undefined,
          );
          bundler.onLoad({ filter: /.*/, namespace: 'replaced' }, ({ path }) => ({ contents: replace[path] }));
        },
      },
    ],
    write: false,
  });
  const source = Buffer.from(outputFiles[0].text + `\n// copy ${count++}`).toString('base64');
  return import(`data:text/javascript;base64,${source}`);
}
