// A file of its own, for prompts that are not only a card at a moment: tabs at the side, buttons of the page that open one, questions
// that stand inside the page. Visitors open the first two, and the third interrupts nobody: none of them waits for a moment.
import type { Config, Place, Props } from './wire';
import type { Hooks, ShowOptions } from './module_hooks';
import { pageIsDark } from './dark';
import { guard } from './guard';
import { make } from './make';
import { pathMatches } from './rules';
import { isFramed, modalOpen } from './surface';
import css from './places.css';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  /** CSS px that the page has to have kept free for a question that is in sight already. */
  Room = 160,
}

const page = window as unknown as { exitpoll(command: 'show', id: string, options: ShowOptions): void };
/** As a part of the page: no wider than what is around it, and without what only a card needs. */
const INSIDE =
  ':host{position:static!important;width:auto!important;max-width:520px!important;z-index:auto!important}' +
  '.card{max-height:none!important;border-width:1px!important;border-radius:var(--exitpoll-radius)!important;box-shadow:none;padding:0!important;animation:none}' +
  // There is nothing to put off: it is in nobody's way.
  '[type=submit]~button:last-child{display:none}';

let log: Hooks[7];
let state: Hooks[9];
let places: Place[];
/** The prompt that was opened last, over the page. */
let shown = '';
/** Its card, until it has its answer. */
let asking: unknown;
const tabs = new Map<Place, HTMLElement>();
/** Where the questions that stand in the page are put, by prompt and path. */
const boxes = new Map<string, HTMLElement>();

/** Opens it, or closes it while it asks. Another card is closed, and what was given to it is kept: a click is a wish. */
function toggle(id: string): void {
  const card = state()[2];
  card?.close();
  if (!card || card !== asking || shown !== id) page.exitpoll('show', id, { focus: true });
}

const sheetOf = (text: string): CSSStyleSheet => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
};

/** At the side of a tab a card stands beside it, and not over it. A sheet has the whole width. */
function makeRoom(): void {
  const card = document.querySelector('body>exitpoll-card')!;
  const at = card.getBoundingClientRect();
  for (const { shadowRoot } of tabs.values()) {
    const { left, right, width } = shadowRoot!.firstElementChild!.getBoundingClientRect();
    if (at.right > left && at.left < right) {
      card.shadowRoot!.adoptedStyleSheets.push(sheetOf(`@media (min-width:481px){:host{margin-inline:${width}px!important}}`));
    }
  }
}

/** Of these languages the one that suits best, as the server chooses that of the card: the same, a wider one, one of another region. */
function spoken(tags: string[]): string | undefined {
  const set = log.map(([, kind, props]) => kind === 'set' && (props?.props as Props | undefined)?.language).filter(Boolean).pop();
  const near = (tag: string) => tag.toLowerCase().split('-')[0];
  for (const wanted of [set, ...navigator.languages]) {
    if (typeof wanted !== 'string') continue;
    for (let range = wanted; range; range = range.slice(0, Math.max(0, range.lastIndexOf('-')))) {
      const same = tags.find((tag) => tag.toLowerCase() === range.toLowerCase());
      if (same) return same;
    }
    const other = tags.find((tag) => near(tag) === near(wanted));
    if (other) return other;
  }
  return undefined;
}

function addTab(place: Place): void {
  const { id, side, labels = {}, css: look, dark } = place;
  const lang = spoken([place.lang!, ...Object.keys(labels)]) ?? place.lang!;
  const [label, dir] = labels[lang] ?? [place.label!, place.dir!];
  const host = make('exitpoll-tab' as 'div', { 'data-exitpoll-ignore': true, lang, dir });
  host.className = side + ((dark ?? pageIsDark()) ? ' dark' : '');
  const shadow = host.attachShadow({ mode: 'open', delegatesFocus: true });
  shadow.adoptedStyleSheets = [sheetOf(css + look)];
  const button = make('button', { type: 'button', 'aria-haspopup': 'dialog' }, label);
  button.onclick = guard(() => toggle(id));
  shadow.append(button);
  tabs.set(place, host);
}

/** In sight, nothing may move: the question comes only while its place is out of sight below, or where the page has kept room. */
function fill({ id, at }: Place): void {
  const element = document.querySelector(at!);
  if (!element) return;
  const key = id + location.pathname;
  const { top } = element.getBoundingClientRect();
  const room = element.clientHeight >= Limit.Room;
  if (top > 2 * innerHeight || (top < innerHeight && !room)) return;
  const box = boxes.get(key);
  if (!box) {
    const into = make('div', {});
    boxes.set(key, into);
    page.exitpoll('show', id, { into, css: INSIDE + (room ? `.card{max-height:${element.clientHeight}px!important}` : '') });
  } else if (box.firstChild && !box.isConnected) element.append(box);
}

const look = guard(() => {
  const [config, view] = state();
  places = config.places ?? [];
  // While nothing may be recorded, nothing is offered.
  const here = places.filter(({ pages }) => view && !isFramed && pages.some((pattern) => pathMatches(pattern, location.pathname)));
  for (const [place, tab] of tabs) {
    if (here.includes(place)) continue;
    tab.remove();
    tabs.delete(place);
  }
  for (const place of here) {
    if (place.way === 'tab') {
      if (!tabs.has(place)) addTab(place);
      const tab = tabs.get(place)!;
      // Pages that replace their whole body take it along.
      if (!tab.isConnected) document.body.append(tab);
    }
    if (place.way === 'inline') guard(fill)(place);
  }
});

/** The page's own button: marked with the prompt, or found by the owner's selector. */
function clicked({ target }: Event): void {
  const element = target as Element;
  const marked = element.closest<HTMLElement>('[data-exitpoll-show]')?.dataset.exitpollShow;
  const found = places.find(guard(({ way, at }) => way === 'button' && at && element.closest(at)));
  const id = marked || found?.id;
  if (id) toggle(id);
}

export function start({ 7: events, 9: core }: Hooks, config: Config): void {
  log = events;
  state = core;
  places = config.places ?? [];
  look();
  setInterval(look, 1000);
  addEventListener('scroll', look, { capture: true, passive: true });
  addEventListener('click', guard(clicked), true);
  addEventListener('exitpoll:prompt_shown', guard((event) => {
    look();
    const card = state()[2];
    // A question that stands in the page leaves an open card as it is.
    if (card === asking) return;
    asking = card;
    shown = (event as CustomEvent).detail.prompt;
    makeRoom();
  }));
  addEventListener('exitpoll:prompt_completed', guard((event) => {
    if ((event as CustomEvent).detail.prompt === shown) asking = 0;
  }));
  // What dims the page closes wherever the keyboard is, unless something of the page is in front.
  addEventListener('keydown', guard((event) => {
    const isOurs = places.some(({ id, way }) => way === 'center' && id === shown);
    if (event.key === 'Escape' && isOurs && !event.defaultPrevented && !modalOpen()) state()[2]?.close();
  }));
}
