// What is seen in the record: custom events, page views, errors of a form.
import type { Hooks } from './module_hooks';
import type { Props, Scalar, WireEvent } from './wire';
import { clean } from './labels';
import { holds } from './filters';
import { glob } from './rules';

/** Fields that were wrong, by form: in this attempt, and in one before it. */
let wrong: { [form: string]: [now: Set<string>, before: Set<string>] } = {};

function tracked([, , , , , , ask]: Hooks, { name, props = {} }: Props): void {
  ask('event', ({ with: about }) => {
    const { event } = about!;
    return event!.name === name && event!.where.every(([property, is, value]) => holds((props as { [name: string]: Scalar })[property], is, value));
  });
}

/** The same field, wrong at two attempts. Fields that are never named count as one. */
function isSecond(kind: string, { f, n = '' }: Props): boolean {
  const form = (wrong[f as string] ??= [new Set(), new Set()]);
  if (kind === 'form_attempted') {
    for (const field of form[0]) form[1].add(field);
    form[0].clear();
    return false;
  }
  form[0].add(n as string);
  return form[1].has(n as string);
}

export function fromRecord(hooks: Hooks, [, kind, props = {}]: WireEvent): void {
  const [record, , , , , , ask] = hooks;
  if (kind === 'page_view') {
    wrong = {};
    ask('page_view', () => true);
  } else if (kind === 'track') {
    tracked(hooks, props);
    // The page says so itself, where the server answers every address alike.
    if (props.name === 'not_found') record('not_found', {});
  } else if (kind === 'widget_closed') {
    // A dialog that this file has seen, what the page or its chat has told, or what is no longer seen.
    ask('widget_closed', ({ with: about }) => {
      const { widget_closed: name, gone } = about!;
      if (props.s) return props.s === gone;
      return name ? clean(name).toLowerCase() === (props.n + '').toLowerCase() : !gone;
    });
  } else if (kind === 'not_found') {
    ask('not_found', () => true);
  } else if (/form_(attempt|fail)ed/.test(kind) && isSecond(kind, props)) {
    ask('field_error', ({ form }) => glob(form, props.f + ''));
  }
}
