import type { Rule, WireEvent } from './wire';

/** `*` stands for any characters, also none; everything else is compared as it is. */
export const glob = (pattern: string, text: string): boolean =>
  RegExp('^' + pattern.replace(/[^\w*]/g, '\\$&').replace(/\*+/g, '[^]*') + '$').test(text);

/** Paths are compared without query and without a trailing slash. */
const bare = (path: unknown): string => (path + '').replace(/\/?(\?.*)?$/, '') || '/';

export const pathMatches = (pattern: string, path: unknown): boolean => glob(bare(pattern), bare(path));

/** The server matches the same rules; tests/fixtures/wire/goal_rules.json holds both to it. */
export const matches = ({ kind, path, name, form }: Rule, [, event, props = {}]: WireEvent): boolean =>
  event === kind && (name ? props.name === name : form ? glob(form, props.f + '') : pathMatches(path!, props.u));
