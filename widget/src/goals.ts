// Goals that the core does not know. Only sites with such a goal load it.
import type { Hooks } from './module_hooks';
import type { Extension } from './extensions';
import { follow } from './follow';
import { rareMatches } from './rare_rules';
import { guard, later, listen } from './guard';
import { inView } from './surface';
import { watchSigns } from './success';

/** Parameters that a search is named by. What was searched for stays on the page. */
const SEARCH = /[?&](q|s|k|query|search|keywords?|term)=[^&]/i;

export function start([record, announce, , , , , , log, , state]: Hooks, ...[, reached]: Extension): void {
  const rare = () => state()[0].rare ?? [];
  const wants = (kind: string) => rare().some(({ rule }) => rule.kind === kind);
  let told = 0;
  // A form that the page answers in its place often changes the address as well: both are one search.
  const search = (): void => {
    if (wants('search') && Date.now() - told > 2000) {
      record('search', {}, true);
      told = Date.now();
    }
  };
  let searched = '';
  const played = new WeakMap<Element, number>();
  const sign = watchSigns(state);

  follow(log, (event) => {
    sign(event);
    for (const { id, rule } of rare()) {
      if (id in reached || !rareMatches(rule, event)) continue;
      reached[id] = Date.now();
      announce('goal', { goal: id });
    }
    if (event[1] === 'page_view' && searched !== location.search) {
      searched = location.search;
      if (SEARCH.test(searched)) search();
    }
  });
  listen('click', ({ target }) => {
    const clicked = target as Element;
    if (!inView(clicked)) return;
    for (const selector of new Set(rare().map(({ rule }) => rule.kind === 'click' && rule.selector))) {
      // One that is no selector must not take the others along.
      if (selector && guard(() => clicked.closest(selector))()) record('click', { s: selector }, true);
    }
  });
  // A search that the page answers in its place; another leads to a page that says so.
  listen('submit', (event) => {
    const form = event.target as Element;
    if (inView(form) && (form.closest('search,[role=search]') || form.querySelector('[type=search]'))) {
      later(() => event.defaultPrevented && search());
    }
  });
  listen('play timeupdate ended', ({ target }) => {
    const media = target as HTMLMediaElement;
    // What plays silently for ever is decoration.
    if (!wants('video') || !inView(media) || (media.muted && media.loop)) return;
    const share = media.ended ? 100 : (media.currentTime / media.duration) * 100;
    let mark = played.get(media) ?? 0;
    for (; mark <= 100 && mark <= share; mark += 25) record('video', { p: mark }, true);
    played.set(media, mark);
  });
}
