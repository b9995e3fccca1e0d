// The npm package: what is in it, its types, and that it loads the very script of the server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = new URL('..', import.meta.url).pathname;
const run = (command, args, options = {}) => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

test('the package holds its module, its types and nothing of the build', () => {
  const [{ name, files }] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
  assert.equal(name, 'exitpoll');
  assert.deepEqual(files.map(({ path }) => path).sort(), ['npm/index.d.ts', 'npm/index.js', 'package.json']);
});

test('without a window it does nothing and breaks nothing', async () => {
  const { init, exitpoll, default: same } = await import('../npm/index.js');
  init({ src: 'https://poll.example.com/x/site_a.js' });
  assert.equal(same, exitpoll);
  assert.equal(exitpoll('track', 'signed_up'), undefined);
  assert.equal(typeof exitpoll('on', 'goal', () => {}), 'function');
  assert.equal(await exitpoll('token'), undefined);
});

const RIGHT = `
import exitpoll, { init } from 'exitpoll';
init({ src: 'https://poll.example.com/x/site_a.js', consent: 'granted', nonce: 'abc' });
exitpoll('track', 'signed_up', { plan: 'pro', value: 49.5, trial: true });
exitpoll('identify', 'user-1', { plan: 'pro' });
exitpoll('set', { plan: 'pro' });
exitpoll('consent', 'off');
exitpoll('show', 'prm_1', { focus: true });
exitpoll('close');
exitpoll('page');
exitpoll('reset');
exitpoll('form_complete', 'signup');
exitpoll('widget_closed', 'chat');
exitpoll('debug');
const off: () => void = exitpoll('on', 'prompt_dismissed', ({ prompt, why }) => console.log(prompt.length, why.length));
const token: Promise<string | undefined> = exitpoll('token');
`;
const WRONG = [
  `init({});`,
  `exitpoll('track');`,
  `exitpoll('track', 'x', { deep: { a: 1 } });`,
  `exitpoll('consent', 'maybe');`,
  `exitpoll('on', 'prompt_opened', () => {});`,
  `exitpoll('teleport');`,
];

test('its types take every command and refuse what is wrong', async (t) => {
  const work = await mkdtemp(join(folder, 'types-'));
  t.after(() => rm(work, { recursive: true }));
  const options = { strict: true, noEmit: true, module: 'nodenext', lib: ['es2022', 'dom'], types: [], paths: { exitpoll: [join(folder, 'npm/index.d.ts')] } };
  await writeFile(join(work, 'package.json'), '{"type":"module"}');
  await writeFile(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  await writeFile(join(work, 'right.ts'), RIGHT);
  const wrong = WRONG.map((line) => `// @ts-expect-error\n${line}`).join('\n');
  await writeFile(join(work, 'wrong.ts'), `import exitpoll, { init } from 'exitpoll';\n${wrong}\n`);
  try {
    run(join(folder, 'node_modules/.bin/tsc'), ['-p', work]);
  } catch ({ stdout }) {
    assert.fail(stdout);
  }
});
