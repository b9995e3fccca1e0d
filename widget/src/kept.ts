// Answers of a visitor who agreed to storage are on the device before they are sent, and until they have arrived.
import type { Hooks } from './module_hooks';
import type { Answer } from './wire';
import { now } from './clock';
import { post } from './post';
import { read, write, type Unsent } from './storage';

const enum Limit {
  Answers = 50,
  /** The server refuses older ones. */
  Age = 604_800_000,
  LongestWait = 60_000,
  TakingTurns = 400,
  /** What one tab has taken out is gone for the others this much later. */
  Settling = 300,
}

let hooks: Hooks | undefined;
let isSending = false;
let failures = 0;
let timer = 0;

/** Instead of the core's: writes first, then sends. What cannot be written goes the core's way. */
export const keepAnswers =
  ([, , , , , , , , , state]: Hooks, fallback: (answer: Answer) => void) =>
  (answer: Answer): void => {
    const memory = read();
    if (!memory) return fallback(answer);
    const [, view] = state();
    const others = memory.unsent.filter((unsent) => unsent.answer.i !== answer.i);
    const unsent = [...others, { answer, at: now(), view }].slice(-Limit.Answers);
    if (!write({ ...memory, unsent })) return fallback(answer);
    void send();
  };

export function sendKept(core: Hooks): void {
  if (!hooks) addEventListener('online', () => void send());
  hooks = core;
  // Tabs that come back at once take turns: what one has sent reaches the storage of another a little later.
  timer = setTimeout(() => void send(), 100 + Math.random() * Limit.TakingTurns) as unknown as number;
}

export function stopKeeping(): void {
  clearTimeout(timer);
}

/** One tab at a time; the lock is held while something is sent, and never while nothing is. */
async function send(): Promise<void> {
  clearTimeout(timer);
  if (isSending || !read()?.unsent[0]) return;
  isSending = true;
  try {
    if (!navigator.locks) await sendAll();
    else if (await navigator.locks.request('exitpoll', { ifAvailable: true }, async (lock) => !lock || sendAll())) throw 0;
    failures = 0;
  } catch {
    timer = setTimeout(() => void send(), Math.random() * Math.min(Limit.LongestWait, 1000 * 2 ** failures++)) as unknown as number;
  }
  isSending = false;
}

/** What was arrived or is refused for good is taken out; anything else throws, and is tried again. */
async function sendAll(): Promise<void> {
  for (let next; (next = read()?.unsent[0]); ) {
    const { answer, at, view } = next;
    const age = Math.max(0, now() - at);
    if (age < Limit.Age) {
      const [config] = hooks![9]();
      const body = { v: 1, k: config.k, c: config.v, w: view, s: 1, t: age, e: [], a: [{ ...answer, t: 0 }] };
      const response = await post(body);
      // Always read to the end: an unread body keeps its share of the keepalive quota.
      await response.text();
      if (response.status > 499 || /429|408/.test(response.status + '')) throw 0;
    }
    take(next);
    // Within the lock, so that the tab that is next reads a storage without it.
    await new Promise((resolve) => setTimeout(resolve, Limit.Settling));
  }
}

/** Unless a newer state of the answer has come meanwhile. */
function take({ answer }: Unsent): void {
  const memory = read();
  if (!memory) return;
  const unsent = memory.unsent.filter(({ answer: other }) => other.i !== answer.i || other.n !== answer.n);
  write({ ...memory, unsent });
}
