import { leaveForms } from './forms';
import { askNextPage } from './moments';
import { path, showPage } from './views';
import { guard } from './guard';

/** Only looks: history is never touched. Browsers that do not tell of a new route are asked once a second. */
export function checkRoute(): void {
  if (location.pathname === path) return;
  leaveForms('navigated', true);
  showPage();
  askNextPage();
}

export function watchRoutes(): void {
  (window as { navigation?: EventTarget }).navigation?.addEventListener('currententrychange', guard(checkRoute));
}
