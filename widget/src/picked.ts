// What the element under the pointer could be as a goal. Looks only.
import { clickOf, CLICKABLE } from './click';
import { FIELDS, formOf, keyOf } from './fields';
import { inView } from './surface';

/** A rule as the server knows it. */
export interface GoalRule {
  kind: 'url' | 'form_started' | 'form_completed' | 'click';
  path?: string;
  form?: string;
  label?: string;
  href?: string;
  selector?: string;
}

/** A rule with what it means, in words. */
export interface Candidate {
  rule: GoalRule;
  words: string;
}

/** The server takes longer ones for a mistake. */
const LONGEST_SELECTOR = 200;

const onlyOne = (selector: string): boolean => {
  try {
    return document.querySelectorAll(selector).length === 1;
  } catch {
    return false;
  }
};

/** Names that a build tool makes up change with the next build. */
const isLasting = (name: string | null): name is string => !!name && !/\d{2}|[:[\]/]|^(css|sc|jsx|svelte|_)-?/.test(name);

function partOf(element: Element): string {
  const id = element.getAttribute('id');
  if (isLasting(id)) return '#' + CSS.escape(id);
  for (const name of ['data-testid', 'data-test', 'data-id', 'name', 'aria-label']) {
    const value = element.getAttribute(name);
    if (value && value.length < 40) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  const classes = [...element.classList].filter(isLasting).slice(0, 2).map((name) => '.' + CSS.escape(name));
  const part = element.localName + classes.join('');
  const alike = [...(element.parentElement?.children ?? [])].filter((other) => other.matches(part));
  const same = [...(element.parentElement?.children ?? [])].filter(({ localName }) => localName === element.localName);
  return alike.length > 1 ? `${part}:nth-of-type(${same.indexOf(element) + 1})` : part;
}

/** The shortest path from the element upwards that finds it alone. */
export function selectorOf(element: Element): string {
  let path = '';
  for (let at: Element | null = element; at && at !== document.documentElement; at = at.parentElement) {
    const longer = partOf(at) + (path && ' > ' + path);
    if (longer.length > LONGEST_SELECTOR) break;
    path = longer;
    if (onlyOne(path)) break;
  }
  return path;
}

const clickWords = ({ label, href, selector }: GoalRule): string =>
  label
    ? `Clicked “${label}”` + (href ? ` (link to ${href})` : '')
    : href
      ? `Clicked a link to ${href}`
      : `Clicked the element ${selector}`;

function clickRule(element: Element): GoalRule {
  const clicked = element.closest<HTMLAnchorElement>(CLICKABLE);
  const { l: label = '', h: href = '' } = clicked ? clickOf(clicked) : {};
  return label || href ? { kind: 'click', label, href } : { kind: 'click', selector: selectorOf(clicked ?? element) };
}

const pageRule = (path: string): Candidate => ({ rule: { kind: 'url', path }, words: `Viewed ${path}` });

/** The likeliest first. */
export function candidatesOf(element: Element): Candidate[] {
  const form = formOf(element);
  const key = form && keyOf(form);
  const rule = clickRule(element);
  const found: Candidate[] = key
    ? [
        { rule: { kind: 'form_started', form: key }, words: `Form “${key}” is started` },
        { rule: { kind: 'form_completed', form: key }, words: `Form “${key}” is completed` },
      ]
    : [];
  if (!element.matches(FIELDS)) found.push({ rule, words: clickWords(rule) });
  if (rule.href?.startsWith('/') && rule.href !== location.pathname) found.push(pageRule(rule.href));
  found.push(pageRule(location.pathname));
  return found;
}

export interface Group {
  around: Element;
  count: number;
}

/** Fields that stand in no form, by the element around them: only an attribute makes them one. */
export function looseFields(element: Element): Group | undefined {
  if (!element.matches(FIELDS) || (element as HTMLInputElement).form || element.closest('[data-exitpoll-form]')) return;
  for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
    const count = [...around.querySelectorAll<HTMLInputElement>(FIELDS)].filter(({ form }) => !form).length;
    if (count > 1) return { around, count };
  }
  return undefined;
}

/** More than these are cells of a table or filters of a list. */
const MOST_GROUPS = 4;
/** What is filled in: not what is pressed, nor what is hidden or for us to leave alone. */
const FILLED = ':is(input:not([type=hidden],[type=submit],[type=button],[type=image],[type=reset],[type=search]),select,textarea)';

/** All of them that can be seen, the outermost where one stands in another. */
export function looseGroups(): Group[] {
  const groups = new Map<Element, Group>();
  for (const field of document.querySelectorAll(FILLED)) {
    const group = inView(field) && field.getClientRects()[0] && looseFields(field);
    if (group) groups.set(group.around, group);
  }
  const isInside = ({ around }: Group): boolean => [...groups.keys()].some((other) => other !== around && other.contains(around));
  return [...groups.values()].filter((group) => !isInside(group)).slice(0, MOST_GROUPS);
}

/** In one line, for eyes and for screen readers. */
export function describe(element: Element): string {
  const clicked = element.closest<HTMLAnchorElement>(CLICKABLE);
  const { l, h } = clicked ? clickOf(clicked) : {};
  const form = formOf(element);
  // Words inside forms are not looked at.
  if (clicked && form && !l && !h) return `Button of the form “${keyOf(form)}”`;
  if (clicked) return `${h ? 'Link' : 'Button'} ${l ? `“${l}”` : 'without words'}${h ? ` to ${h}` : ''}`;
  if (form) return `${element.matches(FIELDS) ? 'Field of the' : 'The'} form “${keyOf(form)}”`;
  return element.matches(FIELDS) ? 'Field without a form' : `Element ${partOf(element)}`;
}
