import { countActive, watchActivity } from './activity';
import { watchClicks } from './clicks';
import { run } from './commands';
import { watchExit } from './exit';
import { lookAtForms, watchForms } from './forms';
import { guard, listen } from './guard';
import { watchLeaving } from './leaving';
import { online, sendNext } from './outbox';
import { consent, record } from './record';
import { checkRoute, watchRoutes } from './routes';
import { measureScroll } from './scroll';
import { navigationTiming } from './views';

interface Api {
  (...command: unknown[]): unknown;
  /** Calls made before we were there, each as its `arguments`. */
  q?: Iterable<unknown>[];
  booted?: boolean;
}

const page = window as { exitpoll?: Api };

let loaded: number | undefined;

/** What tells of no change by itself is looked at once a second. */
const look = guard(() => {
  if (!document.hidden) {
    countActive();
    if (!loaded && (loaded = navigationTiming?.loadEventStart)) record('page_load', { ms: loaded | 0 });
    checkRoute();
    measureScroll();
    lookAtForms();
  }
  sendNext();
});

function boot(): void {
  // A page that is opened in the background, or ahead of its time, is not shown yet.
  if (document.hidden || page.exitpoll?.booted) return;
  const queue = (page.exitpoll?.q ?? []) as [string, ...unknown[]][];
  const api: Api = (page.exitpoll = guard(run as (...command: unknown[]) => unknown));
  api.booted = true;

  watchActivity();
  // A page that has declined before we came is not recorded at all.
  consent(queue.filter(([name]) => name === 'consent').pop()?.[1]);
  watchForms();
  watchLeaving();
  watchClicks();
  watchExit();
  watchRoutes();
  listen('online', online);
  look();
  setInterval(look, 1000);
  for (const command of queue) if (command[0] !== 'consent') api(...command);
}

listen('visibilitychange', boot);
guard(boot)();
