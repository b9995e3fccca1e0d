import { path, showPage } from './views';
import { guard } from './guard';
import { leaveForms } from './forms';
import { askNextPage } from './moments';

/** Only looks: history is never touched. */
const checkRoute = guard(() => {
  if (location.pathname === path) return;
  leaveForms('navigated', true);
  showPage();
  askNextPage();
});

/** Browsers that do not tell of a new route are asked once a second. */
export function watchRoutes(): void {
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) navigation.addEventListener('currententrychange', checkRoute);
  else setInterval(checkRoute, 1000);
}
