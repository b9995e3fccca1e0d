// What the owner has named as the sign that a form worked: seen by looking at the page while such a form is under way.
import type { Hooks } from './module_hooks';
import type { WireEvent } from './wire';
import { guard, later } from './guard';
import { glob } from './rules';
import { isSeen } from './surface';

declare const exitpoll: (command: 'form_complete', form: string, by: 'element') => void;

const enum Time {
  BetweenLooks = 250,
}

/**
 * How many of a selector can be seen; nothing when it is no selector. What announces a result often stands in the page
 * from the start, empty: that has a box, but says nothing yet.
 */
const count = guard(
  (selector: string): number =>
    [...document.querySelectorAll(selector)].filter((element) => isSeen(element) && (element.textContent!.trim() || element.scrollHeight)).length,
);

/**
 * By a timer, and only while a form is under way. An observer of the whole document would be called at every frame of what
 * the page moves, and would not hear of what a style sheet alone brings up: a `:target`, a `:has`, the end of a fade.
 */
export function watchSigns(state: Hooks[9]): (event: WireEvent) => void {
  let [, view] = state();
  let timer = 0;
  /**
   * By the key of a form that was started, how many of each selector could be seen at the last look, at first when it was
   * started: what has stood there since says nothing. Of a form that is completed there is nothing left to see.
   */
  const forms = new Map<unknown, { [selector: string]: number } | undefined>();

  function look(): void {
    const [{ rare = [] }, current] = state();
    // With a new view, and once nothing may be recorded any more, the core begins anew as well.
    if (view !== (view = current)) forms.clear();
    timer = 0;
    forms.forEach((seen, key) => {
      for (const { rule: { kind, form, selector = '' } } of rare) {
        if (!seen || kind !== 'form_completed' || !glob(form!, key as string)) continue;
        timer ||= later(look, Time.BetweenLooks);
        // The call of the page: the core gives files no other way in.
        if (seen[selector]! < (seen[selector] = count(selector) as number)) exitpoll('form_complete', key as string, 'element');
      }
    });
  }

  return ([, kind, { f } = {}]) => {
    if (kind === 'form_completed') forms.set(f, undefined);
    if (/form_(start|attempt)ed|page_view/.test(kind)) {
      clearTimeout(timer);
      if (f && !forms.has(f)) forms.set(f, {});
      look();
    }
  };
}
