import { path, showPage } from './views';
import { guard } from './guard';
import { leaveForms } from './forms';

/** Only looks: history is never touched. */
export const checkRoute = guard(() => {
  if (location.pathname === path) return;
  leaveForms('navigated', true);
  showPage();
});

/** Browsers that do not tell of a new route are asked with every look. */
export function watchRoutes(): void {
  (window as { navigation?: EventTarget }).navigation?.addEventListener('currententrychange', checkRoute);
}
