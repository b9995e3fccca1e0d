import type { Rule, WireEvent } from './wire';

/** `*` stands for any characters, also none; everything else is compared as it is. */
export function glob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop()!;
  let at = 0;
  return parts[0] === undefined
    ? text === last
    : text.startsWith(parts[0]) &&
        parts.every((part) => (at = text.indexOf(part, at) + part.length) >= part.length) &&
        text.slice(at).endsWith(last);
}

/** Paths are compared without query and without a trailing slash. */
const bare = (path: unknown): string => (path + '').replace(/\/?(\?.*)?$/, '') || '/';

export const pathMatches = (pattern: string, path: unknown): boolean => glob(bare(pattern), bare(path));

/** The server matches the same rules; tests/fixtures/wire/goal_rules.json holds both to it. */
export const matches = ({ kind, path, name, form }: Rule, [, event, props = {}]: WireEvent): boolean =>
  event === kind && (name ? props.name === name : form ? glob(form, props.f + '') : pathMatches(path!, props.u));
