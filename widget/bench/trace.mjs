// Reads a trace of the browser: what ran on the main thread of the page, and for how long.

/** Where JavaScript runs or is made ready to run. They may lie inside each other: only the outermost is counted. */
const SCRIPT = new Set([
  'EvaluateScript',
  'v8.evaluateModule',
  'v8.compile',
  'v8.compileModule',
  'FunctionCall',
  'RunMicrotasks',
  'V8.RunMicrotasks',
]);
const LONG = 50_000;

/** `url` is the page's own, by which its process is known among all. */
export function readTrace(events, url) {
  const parse = events.find(({ name, args }) => name === 'ParseHTML' && args.beginData?.url === url);
  if (!parse) throw new Error(`the trace does not hold ${url}`);
  const own = events
    .filter(({ ph, pid, tid }) => ph === 'X' && pid === parse.pid && tid === parse.tid)
    .sort((left, right) => left.ts - right.ts || right.dur - left.dur);

  const functions = {};
  const evaluations = {};
  let script = 0;
  let end = -1;
  let longTasks = 0;
  let cause = {};
  for (const { name, ts, dur = 0, tdur = 0, args } of own) {
    if (name === 'RunTask' && dur >= LONG) longTasks += 1;
    if (name === 'EvaluateScript') evaluations[args.data.url] = (evaluations[args.data.url] ?? 0) + tdur / 1000;
    if (name === 'EventDispatch') cause = { type: args.data.type, until: ts + dur };
    if (!SCRIPT.has(name) || ts < end) continue;
    end = ts + dur;
    script += tdur / 1000;
    const { functionName = '', url: file = '', lineNumber = 0, columnNumber = 0 } = args.data ?? {};
    const place = `${ts < cause.until ? cause.type : name} ${functionName} ${file.replace(/^.*\//, '')}:${lineNumber}:${columnNumber}`;
    const entry = (functions[place] ??= { calls: 0, cpu: 0 });
    entry.calls += 1;
    entry.cpu += tdur / 1000;
  }
  return { script, evaluations, longTasks, functions };
}
