// Goals that are clicks. Only sites that have one load it.
import type { Hooks } from './module_hooks';
import type { Extension } from './extensions';
import type { WireEvent } from './wire';
import { clickOf, CLICKABLE } from './click';
import { clickMatches } from './click_rules';
import { guard, listen } from './guard';
import { inView } from './surface';

export function start([record, announce, , , , , , log]: Hooks, ...[{ clicks = [] }, reached]: Extension): void {
  const reach = (event: WireEvent): void => {
    for (const { id, rule } of clicks) {
      if (id in reached || !clickMatches(rule, event)) continue;
      reached[id] = Date.now();
      announce('goal', { goal: id });
    }
  };

  // Clicks from before this file came.
  log.forEach(reach);
  listen('click', (event) => {
    const target = event.target as Element;
    if (!inView(target)) return;
    // The core has recorded what it says; here it is only compared.
    const clicked = target.closest<HTMLAnchorElement>(CLICKABLE);
    if (clicked) reach([0, 'click', clickOf(clicked)]);
    const selectors = new Set(clicks.map(({ rule }) => rule.selector));
    for (const selector of selectors) {
      // One that is no selector must not take the others along.
      if (!selector || !guard(() => target.closest(selector))()) continue;
      record('click', { s: selector }, true);
      reach([0, 'click', { s: selector }]);
    }
  });
}
