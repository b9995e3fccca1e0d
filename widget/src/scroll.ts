import { record } from './record';

let passed = 0;

export function startScroll(): void {
  passed = 0;
}

export function measureScroll(): void {
  // Half a pixel for zoomed pages, which never quite reach their end.
  const seen = (scrollY + innerHeight + 0.5) / document.documentElement.scrollHeight;
  const mark = ((seen * 4) | 0) * 25;
  if (mark > passed) record('scroll', { p: (passed = mark) });
}
