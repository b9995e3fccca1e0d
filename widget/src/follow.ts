import type { Log } from './module_hooks';
import type { WireEvent } from './wire';
import { guard } from './guard';

const enum Left {
  // Fewer than the core stops at: it goes on telling.
  ForOthers = 9,
}

/** Tells of every event: of those that have been recorded already, and of each that will be. */
export function follow(log: Log, run: (event: WireEvent) => void): void {
  const tell = guard(run);
  const next = log.push === Array.prototype.push ? undefined : log.push;
  const backlog = log.splice(0);
  log.unshift(...backlog.slice(0, Left.ForOthers));
  log.push = (event) => {
    next?.call(log, event);
    tell(event);
    return 0;
  };
  backlog.forEach((event) => tell(event));
}
