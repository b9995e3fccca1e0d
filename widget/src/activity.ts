import { now } from './clock';
import { listen } from './guard';
import { modalOpen } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  InputCountsFor = 30_000,
  /** A sleeping machine does not look. */
  LongestLook = 2_000,
}

let total = 0;
let reported = 0;
let looked = 0;
let lastInput = 0;
let lastKey = 0;

/** Attention: the page is visible and focused, no dialog lies over it, and the last input is not long ago. */
export const isActive = (): boolean =>
  document.hasFocus() && !modalOpen() && now() - lastInput < Time.InputCountsFor;

/** Time that counts, in milliseconds, up to now. */
export function countActive(): number {
  const passed = now() - looked;
  looked += passed;
  return (total += isActive() ? Math.min(passed, Time.LongestLook) : 0);
}

/** What has come since it was last taken, for the `active` event. */
export function takeActive(): number {
  const fresh = countActive() - reported;
  reported += fresh;
  return fresh;
}

/** Nobody is asked while typing. Only the time of a key press is kept, never the key. */
export const typing = (): boolean => now() - lastKey < 2000;

/** A page that is shown is looked at. */
export function startActivity(): void {
  lastInput = looked = now();
}

export function watchActivity(): void {
  listen('pointermove pointerdown keydown scroll focus', ({ type }) => {
    lastInput = now();
    if (type === 'keydown') lastKey = lastInput;
  });
}
