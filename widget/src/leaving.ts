import { flush } from './outbox';
import { card } from './card';
import { startView } from './views';
import { measureScroll } from './scroll';
import { askNextPage } from './moments';
import { backToForms, leaveForms } from './forms';
import { listen } from './guard';
import { record, recording } from './record';

/** Hidden is the last moment one can rely on; whether it was the end, the server finds out. */
export function watchLeaving(): void {
  let left = false;
  let gone = false;

  const leave = (cause: 'hidden' | 'navigated'): void => {
    measureScroll();
    leaveForms(cause);
    card?.leave();
    if (!left) record('page_hidden');
    left = true;
    flush(true);
  };

  listen('visibilitychange', () => {
    if (document.hidden) {
      leave('hidden');
    } else if (left && !gone) {
      left = false;
      record('page_visible');
      backToForms();
      askNextPage();
    }
  });
  listen('pagehide', () => {
    gone = true;
    leave('navigated');
  });
  // Back from the back/forward cache: a new view, also when the path is the same.
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => {
    if (!persisted) return;
    left = gone = false;
    if (recording) startView('back_forward');
  });
}
