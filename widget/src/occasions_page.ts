// What is seen by looking at the page once a second.
import type { Hooks } from './module_hooks';
import type { PromptRule } from './wire';
import { now } from './clock';
import { guard, listen } from './guard';
import { isSeen } from './surface';

/** The end of the content counts when it stands in the upper nine tenths of the window. */
const ENDS = 0.9;

/** The document was not found, as far as the first page of it goes. */
let notFound = (performance.getEntriesByType('navigation')[0] as { responseStatus?: number } | undefined)?.responseStatus === 404;
let pages = 0;
let activeBefore = 0;
let lastInput = now();
/** Looks in a row at which it was in sight, by prompt. */
let shown: { [prompt: string]: number } = {};
/** Looks in a row at which it could be seen, by selector. */
let stood: { [selector: string]: number } = {};
/** The path of the page that is looked at. */
let looked: string;

export function openPage(active: number): void {
  // A route that is opened later was not answered by a server.
  if (pages++) notFound = false;
  activeBefore = active;
  lastInput = now();
  shown = {};
  // What goes with its page was not closed.
  stood = {};
  looked = location.pathname;
}

export function watchInput(): void {
  listen('pointermove pointerdown keydown scroll wheel touchmove focus', () => {
    lastInput = now();
  });
}

/** A selector that is none finds nothing. */
const find = guard((selector: string): Element | null => document.querySelector(selector));

/** Half of it, or of the window when it is taller. */
function isInSight(selector: string | undefined): boolean {
  const box = selector && find(selector)?.getClientRects()[0];
  if (!box) return false;
  const part = (from: number, to: number, size: number): number => Math.min(to, size) - Math.max(from, 0);
  const height = part(box.top, box.bottom, innerHeight);
  const width = part(box.left, box.right, innerWidth);
  return height > 0 && width > 0 && height * 2 >= Math.min(box.height, innerHeight) && width * 2 >= Math.min(box.width, innerWidth);
}

/** At two looks in a row, which are a second apart. */
const stays = ({ id }: PromptRule, selector: string | undefined): boolean =>
  (shown[id] = isInSight(selector) ? -~shown[id]! : 0) > 1;

/** Chats are often made transparent. */
const stands = guard((selector: string): boolean => [...document.querySelectorAll(selector)].some(isSeen));

/** What has stood for some looks has come with this page: many write the address first, and take the old page away later. */
function lookForGone([record, , , , , , , , , state]: Hooks): void {
  if (location.pathname !== looked) return;
  for (const { with: about } of state()[0].prompts) {
    const s = about?.gone;
    if (!s) continue;
    const isThere = stands(s);
    if (stood[s]! > 2 && !isThere) record('widget_closed', { s });
    stood[s] = isThere ? -~stood[s]! : 0;
  }
}

const isPlaying = (): boolean => [...document.querySelectorAll('video,audio')].some((media) => !(media as HTMLMediaElement).paused);

function contentEnds(): boolean {
  const content = find('main,[role=main],article') ?? document.body;
  return (
    content.getBoundingClientRect().bottom <= innerHeight * ENDS ||
    scrollY + innerHeight + 1 >= document.documentElement.scrollHeight
  );
}

export function lookAtPage(hooks: Hooks): void {
  const [record, , , , , , ask, , countActive] = hooks;
  const active = countActive() - activeBefore;
  const passed = ((scrollY + innerHeight + 0.5) / document.documentElement.scrollHeight) * 100;
  if (notFound) {
    notFound = false;
    record('not_found', {});
  }
  lookForGone(hooks);
  ask('scroll', ({ with: about }) => passed >= about!.scroll!, 0);
  ask('seen', (prompt) => stays(prompt, prompt.with!.seen), 0);
  ask('no_results', (prompt) => stays(prompt, prompt.with!.no_results), 0);
  ask('dwell', ({ with: about }) => active >= about!.dwell!, 0);
  ask('end_of_content', (prompt) => active >= prompt.active && contentEnds(), 0);
  // Somebody who watches or is in another window is not stuck; who has done nothing yet has not begun.
  ask(
    'idle',
    (prompt) =>
      now() - lastInput >= prompt.with!.idle! && active > 0 && active >= prompt.active && document.hasFocus() && !isPlaying(),
    0,
  );
  // A was reached on this page or on an earlier one: the core knows.
  ask('reached', () => true, 0);
}
