import type { Opening } from './module_hooks';
import type { AskAt, Decision, PromptRule, Reply, Show } from './wire';
import { flush } from './outbox';
import { pageSince, path } from './views';
import { busy } from './card';
import { pathMatches } from './rules';
import { load } from './module';
import { config, reached, record, useConfig } from './record';
import { log } from './log';
import { now } from './clock';
import { isFramed } from './surface';
import { later } from './guard';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  NextPageAfter = 3000,
}

type Options = { focus?: boolean };
type Suits = (prompt: PromptRule) => unknown;

/** False once this visit's one automatic prompt is used up. */
let slot: boolean;
/** Until when a prompt is not asked for: the page it was tried on, or for good in this view. */
let tried: { [prompt: string]: number };
/** Questions put off by the server, for this page. */
let armed: string[];
/** Requests under way: what opens the card. One that a visitor has made has no prompt here, but may move the focus. */
let posted: { [prompt: string]: ((shown: Show) => void) | undefined };

export function cancelled({ cancel }: PromptRule): boolean {
  return cancel.some((goal) => goal in reached);
}

/** The one primitive: after A, while B and C have not happened. */
function isReady(prompt: PromptRule): boolean {
  const { id, pages, after, within } = prompt;
  const since = after ? reached[after] : 0;
  return (
    !(tried[id]! >= pageSince) &&
    !cancelled(prompt) &&
    // A goal of an earlier page load has no time here: the server knows it. Not reached, it has no number at all.
    (since === 0 || now() - since! < within) &&
    pages.some((pattern) => pathMatches(pattern, path))
  );
}

/** The server decides about all of them in one go. */
export function ask(at: AskAt, suits: Suits, tries = 9): void {
  if (!slot) return;
  const found = config.prompts.filter(
    (prompt) => prompt.at.includes(at) && isReady(prompt) && suits(prompt) && (prompt.hold ? log.may?.(at, prompt) : prompt),
  );
  if (found[0] && busy()) {
    // The moment is over after some seconds.
    tries && later(() => ask(at, suits, tries - 1), 500);
  } else {
    for (const prompt of found) post(prompt.id, at, {}, prompt);
    if (found[0]) flush();
  }
}

function post(id: string, how: string, options?: Options, prompt?: PromptRule): void {
  const since = now();
  tried[id] = pageSince;
  // The second file waits for the right moment, opens the card and tells what happens to it.
  posted[id] = (shown) => void load<Opening>(config.u, id, shown, options, prompt, now() - since);
  record('eligible', { p: id, m: how });
}

/** The visitor asks for it: outside slot and pages. */
export const show = (id: string, options?: Options): void => {
  post(id, 'asked', options);
  flush();
};

/** Questions put off to this page, as the server knows, which is told of every page. */
export function askNextPage(): void {
  const page = pageSince;
  later(
    () =>
      document.hidden ||
      page !== pageSince ||
      ask('next_page', ({ id }) => armed.includes(id)),
    Time.NextPageAfter,
  );
}

export function momentsInView(): void {
  slot = !isFramed;
  tried = {};
  posted = {};
  armed = [];
}

/** A reply that comes twice is acted on once. */
function decide({ p, show: shown }: Decision): void {
  if (shown) posted[p]?.(shown);
  delete posted[p];
}

export function takeReply({ config: newer, goals = [], decided = [], armed: putOff, slot: free, ask: asked = [] }: Reply): void {
  if (newer) useConfig(newer);
  for (const goal of goals) reached[goal] ??= 0;
  for (const id of decided) tried[id] = Infinity;
  slot &&= free !== false;
  if (putOff) {
    armed = putOff;
    askNextPage();
  }
  asked.forEach(decide);
}
