// Signs of leaving on a device without a pointer that hovers: coming back after a while, and scrolling up fast.
import type { Hooks } from './module_hooks';
import type { PromptRule } from './wire';
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
  /** px/ms of scrolling: the usual, and how much of it goes with each px/ms that a pointer would need. */
  Fast = 2,
  Still = 1,
  ForPointer = 2.5,
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

/** A question that is readily asked takes slower scrolling for leaving too. */
const fast = ({ speed }: PromptRule): number => Speed.Still + Speed.ForPointer * speed;

export function start([record, , , , , , ask, log, countActive, state]: Hooks): void {
  if (isFramed || !matchMedia('(hover:none) and (pointer:coarse)').matches) return;

  let hiddenAt = 0;
  let fingerY = 0;
  let touchedAt = 0;
  let tappedAt = 0;
  /** Has been far down on this page. */
  let isDeep = false;
  let first: Sample = { y_: scrollY, at_: now() };
  let last = first;
  /** The fastest that was told on this page. */
  let told = 0;

  /** Coming back has no speed. What has been told once is asked for again only by those that it was too slow for. */
  const leaves = (m: 'resume' | 'fast_scroll_up', speed = Infinity, before = 0): void => {
    before || record('exit_intent', { m });
    ask('exit', (prompt) => prompt.touch && speed >= fast(prompt) && before < fast(prompt) && countActive() >= prompt.active);
  };

  follow(log, ([, kind]) => {
    if (kind !== 'page_view') return;
    hiddenAt = told = 0;
    isDeep = false;
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
    const speed = up / (at_ - first.at_);
    // The gentlest that a question here wants counts for the record, but not less than the usual.
    if (speed < Math.min(Speed.Fast, ...state()[0].prompts.map(fast))) return restart();
    if (speed <= told || !isDeep || at_ - first.at_ < Time.Run || up < innerHeight * Share.OfScreenUp) return;
    leaves('fast_scroll_up', speed, told);
    told = speed;
  });
}
