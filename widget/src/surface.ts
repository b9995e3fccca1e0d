import { guard } from './guard';

/**
 * What can be said about the page and the device without remembering anything. Marked as pure, so that files which ask for
 * something else of it do not carry it along.
 */

export const isTouch = /* @__PURE__ */ matchMedia('(pointer:coarse)').matches;

export const isFramed = top != window;

/** Over an open dialog of the page a card would be visible but dead, and in the way. Old browsers do not know `:modal`. */
export const modalOpen = /* @__PURE__ */ guard((): unknown => document.querySelector('dialog:modal,[aria-modal=true]'));

/**
 * An element that is for us to look at: not marked to be ignored, not our own card. Of the card,
 * whose events reach the document too, only its host is seen.
 */
export const inView = (element: Element): boolean => !element.closest('[data-exitpoll-ignore],exitpoll-card');

/** What is transparent stays where it is, and is not seen. Older browsers know only of boxes. */
export const isSeen = (element: Element): boolean =>
  inView(element) && (element.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) ?? !!element.getClientRects()[0]);
