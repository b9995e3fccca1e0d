import { activeTotal, typing } from './activity';
import { now } from './clock';
import { forms } from './forms_core';
import { later, listen } from './guard';
import { ask } from './moments';
import { record } from './record';
import { isFramed, isTouch, modalOpen } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  Ring = 150,
}
const SPEED = { low: 0.8, medium: 0.4, high: 0.15 };

/** Our own pointer samples: event coordinates are wrong over selects and lists of the browser. */
let samples: { y_: number; at_: number }[] = [];
let wellInside = false;
/** Scrolling, menus and resizing move the page under the pointer. */
let disturbedUntil = 0;
/** Runs while it is not yet certain that the pointer stays away. */
let leaving = 0;

const recent = (): typeof samples => (samples = samples.filter(({ at_ }) => now() - at_ < Time.Ring));

function left({ clientX, clientY, buttons, relatedTarget, target }: MouseEvent): void {
  const focused = document.activeElement;
  const inField = focused?.matches('input,textarea,[contenteditable]');
  const [first, ...others] = recent();
  const last = others.pop();
  if (
    relatedTarget ||
    buttons ||
    leaving ||
    !wellInside ||
    !first ||
    !last ||
    now() < disturbedUntil ||
    (clientX >= innerWidth - 50 && clientY > 0) ||
    /select/.test(focused?.localName + (target as Element).localName) ||
    typing() ||
    modalOpen()
  ) {
    return;
  }
  const speed = (last.y_ - first.y_) / (last.at_ - first.at_);
  if (inField ? clientY > 0 : clientY > 1 && last.y_ + speed * 50 >= 0) return;

  // The gentlest speed counts for the record; each prompt has its own.
  if (speed > -SPEED[inField ? 'low' : 'high']) return;
  leaving = later(
    () => {
      leaving = 0;
      record('exit_intent', { m: 'mouse', vy: +speed.toFixed(2), y: clientY });
      forms?.leave('exit_mouse');
      ask(
        'exit',
        ({ moment }) => activeTotal() >= moment.min_active_ms && speed <= -SPEED[moment.sensitivity],
      );
    },
    inField ? 600 : 200,
  );
}

export function watchExit(): void {
  // In a frame the top edge is not the window's; without a mouse there is none.
  if (isFramed || isTouch) return;

  listen<PointerEvent>(document, 'pointermove', ({ clientY }) => {
    // The pointer came back before the moment was over.
    if (leaving) {
      clearTimeout(leaving);
      leaving = 0;
      record('near_exit');
    }
    recent().push({ y_: clientY, at_: now() });
    wellInside ||= clientY >= 60 && clientY <= innerHeight - 20;
  });
  listen(window, 'scroll contextmenu resize', ({ type }) => {
    disturbedUntil = Math.max(disturbedUntil, now() + (type === 'scroll' ? 500 : 1000));
  });
  listen(window, 'blur', ({ target }) => {
    if (target === window) wellInside = false;
  });
  // Not mouseleave: a fixed header can swallow it.
  listen(document, 'mouseout', left);
}
