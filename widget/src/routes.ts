import { guard, listen } from './guard';
import { path } from './views';

/** Only watches: never adds, replaces or delays an entry, and never removes its own wrapper again. */
export function watchRoutes(changed: () => void): void {
  const check = guard(() => {
    if (location.pathname !== path) changed();
  });
  const { navigation } = window as { navigation?: EventTarget };
  if (!navigation) {
    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name];
      history[name] = function (...values) {
        const result = original.apply(this, values);
        check();
        return result;
      };
    }
  }
  // `navigatesuccess` does not fire for pushState and replaceState.
  listen(navigation ?? window, 'currententrychange popstate', check);
}
