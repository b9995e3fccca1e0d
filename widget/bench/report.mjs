// The table, and whether the goals are kept.

const NAMES = {
  control: 'the page alone',
  least: 'five listeners that do nothing: a page that listens',
  ours: 'Exitpoll',
  plausible: 'Plausible',
  posthog: 'PostHog, survey open',
  asking: 'Exitpoll, card open',
};
const EVALUATION = 2;
const OF_PLAUSIBLE = 1.7;
const OF_POSTHOG = 1 / 8;
/** Over a page that listens at all: what any script makes the browser build is not ours to save. */
const HEAP = 150;
const HEAP_ASKING = 250;

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Prints everything; true when every goal is kept. */
export function report(results, { runs, seconds, profile }) {
  const control = summary(results.control);
  const rows = Object.entries(results).map(([name, visits]) => {
    const { script, evaluation, heap, longTasks, bytes } = summary(visits);
    return { name, script, evaluation, heap: (heap - control.heap) / 1024, longTasks: longTasks - control.longTasks, bytes };
  });
  const of = (name) => rows.find((row) => row.name === name);

  console.log(`\nMedians of ${runs} visits of ${seconds} s each, by turns, a fresh profile each.\n`);
  console.log('| page with | JS on the main thread, CPU ms | evaluation, CPU ms | heap over control, KB | long tasks over control | bytes received |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { name, script, evaluation, heap, longTasks, bytes } of rows) {
    const figures = [script.toFixed(1), evaluation.toFixed(1), heap.toFixed(0), longTasks, bytes.toLocaleString('en')];
    console.log(`| ${[NAMES[name], ...figures].join(' | ')} |`);
  }
  if (profile) for (const name of Object.keys(results)) printProfile(name, results[name][0]);

  const goals = [
    ['evaluation of our script', of('ours').evaluation, EVALUATION, 'ms'],
    ['CPU, Exitpoll to Plausible', of('ours').script / of('plausible').script, OF_PLAUSIBLE, 'times'],
    ['CPU, Exitpoll with its card open to PostHog', of('asking').script / of('posthog').script, OF_POSTHOG, 'times'],
    ['heap over a page that listens, Exitpoll', of('ours').heap - of('least').heap, HEAP, 'KB'],
    ['heap over a page that listens, Exitpoll with its card open', of('asking').heap - of('least').heap, HEAP_ASKING, 'KB'],
    ['long tasks, Exitpoll', of('ours').longTasks, 0, ''],
    ['long tasks, Exitpoll with its card open', of('asking').longTasks, 0, ''],
  ];
  console.log('');
  for (const [what, is, most, unit] of goals) {
    console.log(`${is <= most ? 'kept  ' : 'MISSED'} ${what}: ${is.toFixed(3)} of at most ${most} ${unit}`.trimEnd());
  }
  return goals.every(([, is, most]) => is <= most);
}

/** What a visit cost in the middle of all. Bytes are those received until the card was open, or the page loaded. */
function summary(visits) {
  const middle = (read) => median(visits.map(read));
  return {
    script: middle(({ script }) => script),
    evaluation: middle(({ evaluations }) => sum(Object.entries(evaluations).filter(([url]) => url.endsWith('.js')).map(([, cpu]) => cpu))),
    heap: middle(({ heap }) => heap),
    longTasks: middle(({ longTasks }) => longTasks),
    bytes: middle(({ bytes }) => bytes),
  };
}

function printProfile(name, { functions }) {
  console.log(`\n${NAMES[name]}: what ran on the main thread, first visit`);
  const dearest = Object.entries(functions).sort(([, left], [, right]) => right.cpu - left.cpu);
  for (const [place, { calls, cpu }] of dearest.slice(0, 20)) console.log(`${cpu.toFixed(2).padStart(9)} ms ${String(calls).padStart(5)} × ${place}`);
}
