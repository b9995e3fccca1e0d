import type { AskAt, Decision, PromptRule, Reply } from './wire';
import { askedNever, busy, openCard } from './card';
import { now } from './clock';
import { later } from './guard';
import { flush } from './outbox';
import { config, reached, record, recording, useConfig } from './record';
import { pathMatches } from './rules';
import { isFramed } from './surface';
import { pageSince, path } from './views';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  AnswerWithin = 1000,
  NextPageAfter = 3000,
}

type Suits = (prompt: PromptRule) => unknown;

/** False once this visit's one automatic prompt is used up. */
let slot: boolean;
/** Until when a prompt is not asked for: the page it was tried on, or for good in this view. */
let tried: Map<string, number>;
/** Questions put off by the server, for this page. */
let armed: string[];
/** Requests under way. One that a visitor has made has no prompt here, but may move the focus. */
const posted = new Map<string, [since: number, prompt?: PromptRule, focus?: boolean]>();

const cancelled = ({ moment: { expect, cancel } }: PromptRule): boolean =>
  [expect, ...cancel].some((goal) => reached.has(goal!));

/** The one primitive: after A, while B and C have not happened. */
function isReady(prompt: PromptRule): boolean {
  const { id, pages, moment } = prompt;
  const since = moment.after ? reached.get(moment.after)! : 0;
  return (
    // A goal of an earlier page load has no time here: the server knows it. Not reached, it has no number at all.
    (!since ? since === 0 : now() - since < (moment.within_ms || Infinity)) &&
    !cancelled(prompt) &&
    !(tried.get(id)! >= pageSince) &&
    (!pages[0] || pages.some((pattern) => pathMatches(pattern, path)))
  );
}

/** The server decides about all of them in one go. */
export function ask(at: AskAt, suits: Suits): void {
  if (!slot || !recording || askedNever()) return;
  const found = config.prompts.filter(
    (prompt) => prompt.moment.ask_at.includes(at) && isReady(prompt) && suits(prompt),
  );
  if (found[0] && busy()) later(() => ask(at, suits), 500);
  else for (const prompt of found) post(prompt.id, at, prompt);
}

function post(id: string, how: string, prompt?: PromptRule, focus?: boolean): void {
  tried.set(id, pageSince);
  posted.set(id, [now(), prompt, focus]);
  record('eligible', { p: id, m: how });
  // After all of them, so that they travel together.
  later(flush, 0);
}

/** The visitor asks for it: outside slot and pages. */
export const show = (id: string, { focus = false } = {}): void => post(id, 'asked', undefined, focus);

/** Questions put off: those the server remembers, and those that became due on an earlier route of this page. */
export function askNextPage(): void {
  const page = pageSince;
  later(
    () =>
      document.hidden ||
      page !== pageSince ||
      ask('next_page', ({ id, moment }) => armed.includes(id) || reached.get(moment.after!)! < page),
    Time.NextPageAfter,
  );
}

export function momentsInView(): void {
  slot = !isFramed;
  tried = new Map();
  armed = [];
}

function decide({ p, show: shown, no }: Decision): void {
  const request = posted.get(p);
  // A reply that comes twice is acted on once.
  if (!request) return;
  const [since, prompt, focus] = request;
  posted.delete(p);
  if (!/on_the_way|not_reached/.test(no!)) tried.set(p, Infinity);
  if (!no && prompt) slot = false;
  if (!shown) return;
  const isLate = now() - since > Time.AnswerWithin;
  openCard(p, shown, () => prompt && (isLate ? 'late' : cancelled(prompt) && 'converted'), focus);
}

export function takeReply({ config: newer, goals = [], decided = [], armed: putOff, slot: free, ask: asked = [] }: Reply): void {
  if (newer) useConfig(newer);
  for (const goal of goals) if (!reached.has(goal)) reached.set(goal, 0);
  for (const id of decided) tried.set(id, Infinity);
  slot &&= free !== false;
  if (putOff) {
    armed = putOff.map(({ p }) => p);
    askNextPage();
  }
  asked.forEach(decide);
}
