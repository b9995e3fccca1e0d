// Measures our script beside those of peers, in the same minutes, on the same page, with the same input.
//
//   node widget/bench/run.mjs [--runs N] [--short] [--moves N] [--profile]
//
// `--short` is one quick run that only shows that the bench works. `--moves` adds so many moves of the pointer to each
// round of scrolling, clicking and typing. `--profile` lists what costs most on the main thread.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

const folder = new URL('.', import.meta.url);
const { BINARY } = await import('../../tests/browser/support/service.mjs');
const lacking = [
  [existsSync(new URL('../node_modules/playwright-core', folder)), 'npm ci --prefix widget'],
  [existsSync(new URL('node_modules/posthog-js', folder)), 'npm ci --prefix widget/bench'],
  [existsSync(BINARY), 'cargo build --locked'],
].filter(([is]) => !is);
if (lacking.length) {
  console.error(`Something is missing; run this first:\n${lacking.map(([, command]) => '  ' + command).join('\n')}`);
  process.exit(2);
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    moves: { type: 'string', default: '0' },
    short: { type: 'boolean' },
    profile: { type: 'boolean' },
  },
});
const runs = options.short ? 1 : Number(options.runs);
const seconds = options.short ? 6 : 30;
if (!Number.isInteger(runs) || runs < 1) {
  console.error('--runs is a whole number from 1');
  process.exit(2);
}

const { measure } = await import('./measure.mjs');
const { report } = await import('./report.mjs');
const results = await measure({ runs, seconds, moves: Number(options.moves), onVisit: (line) => console.error(line) });
process.exitCode = report(results, { runs, seconds, profile: options.profile }) ? 0 : 1;
