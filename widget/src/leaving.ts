import { card } from './card';
import { forms } from './forms_core';
import { listen } from './guard';
import { askNextPage } from './moments';
import { flush } from './outbox';
import { record, recording } from './record';
import { startView } from './views';

/** Hidden is the last moment one can rely on; whether it was the end, the server finds out. */
export function watchLeaving(): void {
  let left = false;
  let gone = false;

  const leave = (cause: 'hidden' | 'navigated'): void => {
    forms?.leave(cause);
    card?.leave();
    if (!left) record('page_hidden');
    left = true;
    flush(true);
  };

  listen(document, 'visibilitychange', () => {
    if (document.hidden) {
      leave('hidden');
    } else if (left && !gone) {
      left = false;
      record('page_visible');
      askNextPage();
      forms?.back();
    }
  });
  listen(window, 'pagehide', () => {
    gone = true;
    leave('navigated');
  });
  // Back from the back/forward cache: a new view, also when the path is the same.
  listen<PageTransitionEvent>(window, 'pageshow', ({ persisted }) => {
    if (persisted) left = gone = false;
    if (persisted && recording) startView('back_forward');
  });
}
