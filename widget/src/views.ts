import { openView } from './outbox';
import { now } from './clock';
import { momentsInView } from './moments';
import { config, record } from './record';
import { resetForms } from './forms';
import { startScroll } from './scroll';
import { startActivity } from './activity';

/** The page that is shown, and since when. */
export let path: string;
export let pageSince = 0;

export function showPage(first?: boolean): void {
  const { pathname, search } = location;
  path = pathname;
  pageSince = now();
  startScroll();
  record(
    'page_view',
    {
      // Of the query only campaigns leave the page, and what questions are about. The server tidies what stands between.
      u: pathname + '?' + search.replace(RegExp(config.q, 'g'), ''),
      r: first ? document.referrer.replace(/[?#].*/, '') : '',
    },
    true,
  );
}

export const navigationTiming = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;

/** A new view: at load, when a page comes back from the back/forward cache, when consent returns. */
export function startView(how?: string): void {
  openView(how ?? (navigationTiming?.type as string));
  startActivity();
  momentsInView();
  resetForms();
  showPage(true);
}
