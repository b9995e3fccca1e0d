import type { Rule, WireEvent } from './wire';
import { glob, pathMatches } from './rules';

/** Rules about clicks, which the core does not know. The server matches the same; the fixture holds both to it. */
export function clickMatches({ label, href, selector }: Rule, [, event, props = {}]: WireEvent): boolean {
  const { l = '', h = '', s } = props;
  if (event !== 'click') return false;
  if (selector || s) return selector === s;
  return (!label || glob(label, l as string)) && (!href || (!!h && pathMatches(href, h)));
}
