// What a visitor does that is seen as it happens.
import type { Hooks } from './module_hooks';
import { guard, later, listen } from './guard';
import { clean } from './labels';
import { inView } from './surface';

const enum Rage {
  Clicks = 3,
  ClicksOnText = 5,
  Within = 1000,
  Apart = 30,
}
/** A click may lead to another page, where nothing opens any more. */
const AFTER_CLICK = 300;
/** Where clicking again and again is how it works. */
const REPEATED = 'input,select,textarea,video,audio,canvas,[aria-valuenow]';

let clicks: MouseEvent[] = [];

/** In one place, soon after each other, and more often than it takes to select a line where there is text. */
function isRage(event: MouseEvent): boolean {
  const { clientX, clientY, timeStamp, target } = event;
  clicks = clicks.filter(
    (click) =>
      timeStamp - click.timeStamp < Rage.Within && Math.hypot(click.clientX - clientX, click.clientY - clientY) <= Rage.Apart,
  );
  clicks.push(event);
  const isSelected = getSelection()?.containsNode(target as Node, true);
  if (clicks.length < (isSelected ? Rage.ClicksOnText : Rage.Clicks)) return false;
  clicks = [];
  return true;
}

export function watchActs([record, , , , , , ask]: Hooks): void {
  listen<MouseEvent>('click', (event) => {
    const element = event.target as Element;
    if (!inView(element)) return;
    later(
      () => ask('click', ({ with: about }) => guard(() => element.closest(about!.click!))()),
      AFTER_CLICK,
    );
    // A click that a program or the keyboard makes has no place.
    if (event.isTrusted && event.detail && !element.closest(REPEATED) && isRage(event)) {
      record('rage_click', {});
      ask('rage_click', () => true);
    }
  });

  // That it was done, never what was copied; what is in a field is the visitor's own.
  listen('copy', ({ target, isTrusted }) => {
    const element = target instanceof Element ? target : document.body;
    if (!isTrusted || !inView(element) || element.matches('input,textarea,[contenteditable]')) return;
    record('copy', {});
    ask('copy', () => true);
  });

  listen('close', ({ target }) => {
    const dialog = target as Element;
    if (dialog.localName === 'dialog' && inView(dialog)) record('widget_closed', { n: clean(dialog.getAttribute('id')) });
  });
}
