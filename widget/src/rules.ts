import type { Rule, WireEvent } from './wire';

/** `*` stands for any characters, also none; everything else is compared as it is. */
export function glob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const last = parts.pop()!;
  let at = 0;
  return parts[0] === undefined
    ? text === last
    : parts.every((part, index) => {
        const found = text.indexOf(part, at);
        at = found + part.length;
        return index ? found >= 0 : !found;
      }) && text.slice(at).endsWith(last);
}

/** Paths are compared without query and without a trailing slash. */
const bare = (path: unknown): string => (path + '').replace(/\/?(\?.*)?$/, '') || '/';

export const pathMatches = (pattern: string, path: unknown): boolean => glob(bare(pattern), bare(path));

/** The server matches the same rules; tests/fixtures/wire/goal_rules.json holds both to it. */
export const matches = ({ kind, path, name, form }: Rule, [, event, props = {}]: WireEvent): boolean =>
  kind === 'url'
    ? event === 'page_view' && pathMatches(path!, props.u)
    : kind === 'event'
      ? event === 'track' && props.name === name
      : event === kind && glob(form!, props.f + '');
