import type { Rule, Scalar, WireEvent } from './wire';
import { holds } from './filters';
import { glob, pathMatches } from './rules';

/** What links to a file end with, as the server has it. */
const FILE =
  /\.(7z|apk|avi|csv|dmg|docx?|epub|exe|gz|ics|mov|mp[34]|msi|od[pst]|pdf|pkg|pptx?|rar|rtf|tar|txt|wav|webm|wmv|xlsx?|zip)$/i;

/** Rules that the core does not know. The server matches the same; the fixture holds both to it. */
export function rareMatches({ kind, name, filters = [], form, field, label, href, selector, percent }: Rule, [, event, props = {}]: WireEvent): boolean {
  const { l = '', h = '', s, n, f, p } = props;
  const said = props.props as { [name: string]: Scalar } | undefined;
  const leads = !href || (!!h && pathMatches(href, h));
  if (kind === 'search') return event === kind || (event === 'track' && /^(view_search_results|search)$/.test(props.name as string));
  if (kind === 'event') {
    return event === 'track' && props.name === name && filters.every(({ property, is, value }) => holds(said?.[property], is, value));
  }
  if (kind === 'video') return event === kind && p === percent;
  if (kind === 'field_reached') return event === 'field_focused' && !!f && !!n && glob(form!, f as string) && glob(field!, n as string);
  if (event !== 'click' || kind === 'form_completed') return false;
  if (kind === 'download') return FILE.test(h as string) && leads;
  if (kind === 'outbound') return /^https?:/.test(h as string) && leads;
  if (selector || s) return selector === s;
  return (!label || glob(label, l as string)) && leads;
}
