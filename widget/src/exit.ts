import { record } from './record';
import { busy } from './card';
import { countActive, disturbedAt, heed } from './activity';
import { ask } from './moments';
import { guard, later, listen } from './guard';
import { now } from './clock';
import { isFramed, isTouch } from './surface';
import { leaveForms } from './forms';

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
/** Runs while it is not yet certain that the pointer stays away. */
let leaving = 0;

function left({ clientX, clientY, buttons }: MouseEvent): void {
  // Without two samples this throws, which is silence.
  const speed = (last!.y_ - first!.y_) / (last!.at_ - first!.at_);
  const focused = document.activeElement;
  const inField = focused!.matches(':read-write,select');
  if (
    buttons ||
    leaving ||
    !wellInside ||
    !(now() - last!.at_ < Time.Window) ||
    now() - disturbedAt < 1000 ||
    // Another window has come to the front.
    !document.hasFocus() ||
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
  listen<PointerEvent>('pointermove', ({ clientY }) => {
    heed();
    // The pointer came back before the moment was over.
    if (leaving) {
      clearTimeout(leaving);
      leaving = 0;
      record('near_exit');
    }
    if (!(now() - first?.at_! < Time.Window)) first = last;
    last = { y_: clientY, at_: now() };
    wellInside ||= clientY > 60;
  });
  // In a frame the top edge is not the window's; without a mouse there is none.
  if (isFramed || isTouch) return;
  // Not mouseout, which comes with every element under the pointer; on the root, so that no header swallows it.
  document.documentElement.addEventListener('mouseleave', guard(left));
}
