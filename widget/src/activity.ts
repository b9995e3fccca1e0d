import { now } from './clock';
import { listen } from './guard';
import { modalOpen } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  InputCountsFor = 30_000,
}

let total = 0;
let reported = 0;
/** Last input while the page is visible and focused, 0 while it is not. */
let since = 0;
let lastKey = 0;

/** Time that counts ends 30 s after an input; a dialog of the page stops it. */
const running = (): number => (since && !modalOpen() ? Math.min(now() - since, Time.InputCountsFor) : 0);

export const activeTotal = (): number => total + running();

/** What has come since it was last taken, for the `active` event; less than `least` is left for later. */
export function takeActive(least: number): number {
  const fresh = activeTotal() - reported;
  if (fresh < least) return 0;
  reported += fresh;
  return fresh;
}

export function isActive(): boolean {
  return now() - since < Time.InputCountsFor;
}

/** Nobody is asked while typing. Only the time of a key press is kept, never the key. */
export const typing = (): boolean => now() - lastKey < 2000;

/** An input, a return, or the end of attention. */
export function mark(): void {
  total += running();
  since = !document.hidden && document.hasFocus() ? now() : 0;
}

export function watchActivity(): void {
  listen(window, 'pointermove pointerdown keydown scroll visibilitychange focus blur', ({ type, target }) => {
    if (type === 'keydown') lastKey = now();
    // Once a second is enough for inputs: counting looks for open dialogs.
    if (target === window || document.hidden || now() - since > 1000) mark();
  });
}
