import { path, showPage } from './views';
import { guard } from './guard';
import { leaveForms } from './forms';
import { askNextPage } from './moments';

/** Only looks: history is never touched. */
export const checkRoute = guard(() => {
  if (location.pathname === path) return;
  leaveForms('navigated', true);
  showPage();
  askNextPage();
});

/** Browsers that do not tell of a new route are asked with every look. */
export function watchRoutes(): void {
  (window as { navigation?: EventTarget }).navigation?.addEventListener('currententrychange', checkRoute);
}
