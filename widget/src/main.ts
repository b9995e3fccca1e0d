import { watchActivity } from './activity';
import { watchClicks } from './clicks';
import { run } from './commands';
import { watchExit } from './exit';
import { forms, watchForForms } from './forms_core';
import { guard, listen } from './guard';
import { watchLeaving } from './leaving';
import { askNextPage } from './moments';
import { online } from './outbox';
import { consent, record } from './record';
import { watchRoutes } from './routes';
import { measureScroll, watchScroll } from './scroll';
import { navigationTiming, showPage } from './views';

interface Page {
  exitpoll?: {
    (...command: unknown[]): unknown;
    /** Calls made before we were there, each as its `arguments`. */
    q?: Iterable<unknown>[];
    booted?: boolean;
  };
}

const page = window as Page;

function loaded(): void {
  record('page_load', { ms: navigationTiming?.loadEventStart! | 0 });
  measureScroll();
}

function boot(): void {
  const queue = (page.exitpoll?.q ?? []) as [string, ...unknown[]][];
  page.exitpoll = guard((...command: unknown[]) => run(...(command as [string])));
  page.exitpoll.booted = true;

  watchActivity();
  // A page that has declined before we came is not recorded at all.
  consent(queue.filter(([name]) => name === 'consent').pop()?.[1]);
  watchForForms();
  watchLeaving();
  watchScroll();
  watchClicks();
  watchExit();
  watchRoutes(() => {
    forms?.route();
    showPage();
    askNextPage();
  });
  listen(window, 'online', online);
  if (document.readyState === 'complete') loaded();
  else listen(window, 'load', loaded);
  for (const command of queue) if (command[0] !== 'consent') page.exitpoll(...command);
}

guard(() => {
  if (page.exitpoll?.booted) return;
  if ((document as { prerendering?: boolean }).prerendering) listen(document, 'prerenderingchange', boot);
  else boot();
})();
