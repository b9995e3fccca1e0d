// Signs of leaving on a device without a pointer that hovers: coming back after a while, and scrolling up fast.
import type { Hooks } from './module_hooks';
import { now } from './clock';
import { follow } from './follow';
import { later, listen } from './guard';
import { isFramed } from './surface';

const enum Time {
  ActiveBefore = 10_000,
  HiddenAtLeast = 5_000,
  HiddenAtMost = 1_800_000,
  AfterReturn = 1_000,
  /** Scrolling this long after a finger has moved is still its doing; after a tap it is an anchor's. */
  OwnMove = 1_000,
  Run = 150,
  /** Events of one movement are not further apart. */
  Frame = 100,
}
const enum Speed {
  /** px/ms */
  Fast = 2,
}
const enum Share {
  OfPage = 0.4,
  OfScreens = 1.5,
  OfScreenUp = 0.5,
}

interface Sample {
  y_: number;
  at_: number;
}

export function start([record, , , , , , ask, log, countActive]: Hooks): void {
  if (isFramed || !matchMedia('(hover:none) and (pointer:coarse)').matches) return;

  let hiddenAt = 0;
  let fingerY = 0;
  let touchedAt = 0;
  let tappedAt = 0;
  /** Has been far down on this page. */
  let isDeep = false;
  let first: Sample = { y_: scrollY, at_: now() };
  let last = first;
  let told = false;

  const leaves = (m: 'resume' | 'fast_scroll_up'): void => {
    record('exit_intent', { m });
    ask('exit', ({ touch, active }) => touch && countActive() >= active);
  };

  follow(log, ([, kind]) => {
    if (kind !== 'page_view') return;
    hiddenAt = 0;
    told = isDeep = false;
  });

  listen('visibilitychange', () => {
    if (document.hidden) {
      hiddenAt = countActive() < Time.ActiveBefore ? 0 : now();
      return;
    }
    const away = now() - hiddenAt;
    if (away < Time.HiddenAtLeast || away > Time.HiddenAtMost) return;
    later(() => document.hidden || !hiddenAt || leaves('resume'), Time.AfterReturn);
  });
  // Gone and back by the browser's button is another visit to the page.
  listen('pagehide', () => {
    hiddenAt = 0;
  });

  listen<TouchEvent>('touchmove', ({ touches: [finger] }) => {
    // Pulled down, it moves the page up.
    touchedAt = finger!.clientY > fingerY ? now() : 0;
    fingerY = finger!.clientY;
  });
  listen('click', () => {
    tappedAt = now();
  });
  const restart = (): void => {
    first = last = { y_: scrollY, at_: now() };
  };
  // The address bar and the keyboard move the page too: what counts begins after them.
  visualViewport?.addEventListener('resize', restart);
  listen('scroll', () => {
    const before = last;
    last = { y_: scrollY, at_: now() };
    const { y_, at_ } = last;
    isDeep ||= y_ > innerHeight * Share.OfScreens || (y_ + innerHeight) / document.documentElement.scrollHeight >= Share.OfPage;
    const step = before.y_ - y_;
    if (
      // Below 0 is pulling to refresh; a screen in one step is a jump.
      y_ < 0 || step <= 0 || step > innerHeight || at_ - before.at_ > Time.Frame ||
      at_ - touchedAt > Time.OwnMove || at_ - tappedAt < Time.OwnMove
    ) {
      return restart();
    }
    const up = first.y_ - y_;
    if (up / (at_ - first.at_) < Speed.Fast) return restart();
    if (told || !isDeep || at_ - first.at_ < Time.Run || up < innerHeight * Share.OfScreenUp) return;
    told = true;
    leaves('fast_scroll_up');
  });
}
