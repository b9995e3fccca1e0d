import type { Comparison, Scalar } from './wire';

/** Whether a property of an event is what it must be; the server compares the same (`goal/filter.rs`). */
export function holds(value: Scalar | undefined, is: Comparison, wanted: string): boolean {
  if (value === undefined) return false;
  if (is === 'greater') return +value > +wanted;
  if (is === 'less') return +value < +wanted;
  return is === 'contains' ? `${value}`.includes(wanted) : `${value}` === wanted;
}
