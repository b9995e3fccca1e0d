import { guard, listen } from './guard';
import { record } from './record';

let passed = 0;
let planned = 0;

export function startScroll(): void {
  passed = 0;
}

export function measureScroll(): void {
  planned = 0;
  // Half a pixel for zoomed pages, which never quite reach their end.
  const seen = (scrollY + innerHeight + 0.5) / document.documentElement.scrollHeight;
  const mark = Math.min(4, (seen * 4) | 0) * 25;
  if (mark > passed) record('scroll', { p: (passed = mark) });
}

export function watchScroll(): void {
  // Reading the layout is left to the next frame, once.
  listen(document, 'scroll', () => (planned ||= requestAnimationFrame(guard(measureScroll))));
}
