import { countActive } from './activity';
import { busy } from './card';
import { now } from './clock';
import { leaveForms } from './forms';
import { later, listen } from './guard';
import { ask } from './moments';
import { record } from './record';
import { isFramed, isTouch } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  Window = 150,
}
/** In px/ms: the least that counts at all, and with a field focused. */
const enum Speed {
  Least = 0.15,
  InField = 0.8,
}

interface Sample {
  y_: number;
  at_: number;
}

/**
 * Our own pointer samples, the last and one of a moment before it: event coordinates are wrong over selects
 * and lists of the browser.
 */
let last: Sample | undefined;
let first: Sample | undefined;
let wellInside = false;
/** Scrolling, menus and resizing move the page under the pointer. */
let disturbedUntil = 0;
/** Runs while it is not yet certain that the pointer stays away. */
let leaving = 0;

function left(event: MouseEvent): void {
  // From one element to another, which happens all the time: nothing else is read of the event.
  if (event.relatedTarget) return;
  // Without two samples this throws, which is silence.
  const speed = (last!.y_ - first!.y_) / (last!.at_ - first!.at_);
  const { clientX, clientY, buttons, target } = event;
  const focused = document.activeElement;
  const inField = focused!.matches(':read-write');
  if (
    buttons ||
    leaving ||
    !wellInside ||
    !(now() - last!.at_ < Time.Window) ||
    now() < disturbedUntil ||
    /select/.test(focused!.localName + (target as Element).localName) ||
    busy()
  ) {
    return;
  }
  // At the right edge is the scrollbar.
  if (clientY > 0 && (inField || clientX > innerWidth - 50 || last!.y_ + speed * 50 >= 0)) return;

  // The gentlest speed counts for the record; each prompt has its own.
  if (!(speed <= -(inField ? Speed.InField : Speed.Least))) return;
  leaving = later(
    () => {
      leaving = 0;
      record('exit_intent');
      leaveForms('exit_mouse');
      ask(
        'exit',
        ({ active, speed: least }) => speed <= -least && countActive() >= active,
      );
    },
    inField ? 600 : 200,
  );
}

export function watchExit(): void {
  // In a frame the top edge is not the window's; without a mouse there is none.
  if (isFramed || isTouch) return;

  listen<PointerEvent>('pointermove', ({ clientY }) => {
    // The pointer came back before the moment was over.
    if (leaving) {
      clearTimeout(leaving);
      leaving = 0;
      record('near_exit');
    }
    if (!first || now() - first.at_ > Time.Window) first = last;
    last = { y_: clientY, at_: now() };
    wellInside ||= clientY > 60 && clientY < innerHeight - 20;
  });
  listen('scroll contextmenu resize blur', ({ type }) => {
    if (type === 'blur') wellInside = false;
    else disturbedUntil = now() + (type === 'scroll' ? 500 : 1000);
  });
  // Not mouseleave: a fixed header can swallow it.
  listen('mouseout', left);
}
