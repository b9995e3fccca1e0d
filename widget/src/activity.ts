import { touchForm } from './forms';
import { guard } from './guard';
import { modalOpen } from './surface';
import { now } from './clock';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  InputCountsFor = 30_000,
  /** A sleeping machine does not look. */
  LongestLook = 4_000,
}

let total = 0;
let reported = 0;
let looked = 0;
let lastInput = 0;
/** Only the time of a key press is kept, never the key. */
export let lastKey = 0;
/** When the page was scrolled, a menu opened or the window resized, which move the page under the pointer. */
export let disturbedAt = 0;

/** Attention, when it was last counted: the page is focused, no dialog lies over it, and the last input is not long ago. */
export let isActive: unknown;

/** Time that counts, in milliseconds, up to now. */
export function countActive(): number {
  const passed = -looked + (looked = now());
  isActive = now() - lastInput < Time.InputCountsFor && document.hasFocus() && !modalOpen();
  return (total += isActive ? Math.min(passed, Time.LongestLook) : 0);
}

/** What has come since it was last taken, for the `active` event. */
export const takeActive = (): number => -reported + (reported = countActive());

/** A page that is shown is looked at. */
export function startActivity(): void {
  lastInput = looked = now();
}

export function heed(): void {
  lastInput = now();
}

/**
 * What comes in swarms: of each, the first after a look is heard, as the rest would cost the page more than they tell.
 * Here are those that have come since.
 */
const unheard = 'keydown input scroll contextmenu resize'.split(' ');

const note = guard((event: Event): void => {
  const { type } = event;
  heed();
  unheard.push(type);
  if (type === 'input') touchForm(event);
  else if (type === 'keydown') lastKey = lastInput;
  else disturbedAt = lastInput;
});

export function listenAgain(): void {
  for (const type of unheard.splice(0)) addEventListener(type, note, { capture: true, once: true });
}
