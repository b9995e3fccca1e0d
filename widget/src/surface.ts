import { guard } from './guard';

/** What can be said about the page and the device without remembering anything. */

export const isTouch = matchMedia('(pointer:coarse)').matches;

export const isFramed = top != window;

/** Over an open dialog of the page a card would be visible but dead, and in the way. Old browsers do not know `:modal`. */
export const modalOpen = guard((): unknown => document.querySelector('dialog:modal,[aria-modal=true]'));

/**
 * An element that is for us to look at: not marked to be ignored, not our own card. Of the card,
 * whose events reach the document too, only its host is seen.
 */
export const inView = (element: Element): boolean => !element.closest('[data-exitpoll-ignore],exitpoll-card');
