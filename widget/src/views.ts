import { startActivity } from './activity';
import { now } from './clock';
import { resetForms } from './forms';
import { momentsInView } from './moments';
import { openView } from './outbox';
import { record } from './record';
import { startScroll } from './scroll';

/** The page that is shown, and since when. */
export let path: string;
export let pageSince = 0;

export function showPage(first?: boolean): void {
  const { pathname, search } = location;
  // Only campaign parameters of the query are kept.
  const campaign = search.match(/\butm_[^&]*/g)?.join('&');
  path = pathname;
  pageSince = now();
  startScroll();
  record(
    'page_view',
    {
      u: (pathname + (campaign ? '?' + campaign : '')).slice(0, 512),
      r: first ? document.referrer.replace(/[?#].*/, '').slice(0, 512) : '',
    },
    true,
  );
}

export const navigationTiming = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;

/** A new view: at load, when a page comes back from the back/forward cache, when consent returns. */
export function startView(navigation: string = navigationTiming?.type as string): void {
  openView(navigation);
  startActivity();
  momentsInView();
  resetForms();
  showPage(true);
}
