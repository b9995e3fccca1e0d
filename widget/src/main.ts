// In the order in which the bundle comes out smallest.
import { measureScroll } from './scroll';
import { run } from './commands';
import { checkRoute, watchRoutes } from './routes';
import { lookAtForms, watchForms } from './forms';
import { guard, later, listen } from './guard';
import { watchLeaving } from './leaving';
import { watchExit } from './exit';
import { consent, record } from './record';
import { countActive, listenAgain } from './activity';
import { sendNext } from './outbox';
import { navigationTiming } from './views';
import { watchClicks } from './clicks';

interface Api {
  (...command: unknown[]): unknown;
  /** Calls made before we were there, each as its `arguments`. */
  q?: Iterable<unknown>[];
  booted?: boolean;
}

declare const window: { exitpoll?: Api };

let loaded: number | undefined;

/** What tells of no change by itself is looked at every three seconds: more often would cost the page more than it tells. */
const look = guard(() => {
  // First: a page can make all that follows throw, by fields named like what is called on their form.
  sendNext();
  if (document.hidden) return;
  checkRoute();
  listenAgain();
  countActive();
  if (!loaded && (loaded = navigationTiming?.loadEventStart)) record('page_load', { ms: loaded });
  measureScroll();
  lookAtForms();
});

function boot(): void {
  // A page that is opened in the background, or ahead of its time, is not shown yet.
  if (document.hidden || window.exitpoll?.booted) return;
  let choice: unknown;
  const queue = ((window.exitpoll?.q ?? []) as [string, ...unknown[]][]).filter(([name, value]) => name !== 'consent' || void (choice = value));
  const api: Api = (window.exitpoll = guard(run as (...command: unknown[]) => unknown));
  api.booted = true;

  // A page that has declined before we came is not recorded at all.
  consent(choice);
  watchForms();
  watchLeaving();
  watchExit();
  watchClicks();
  watchRoutes();
  look();
  setInterval(look, 3000);
  for (const command of queue) api(...command);
}

listen('visibilitychange', boot);
// A task of its own, so that evaluating the script keeps nothing waiting.
later(boot);
