// What visitors do with each field of a form, never what they write. Only sites that have switched it on load it.
import type { Hooks } from './module_hooks';
import { fieldName, FIELDS, formOf, keyOf } from './fields';
import { follow } from './follow';
import { guard, later, listen } from './guard';

/**
 * Nothing of a value may follow from what is counted, nor how long it is. Deletions right behind each other are one,
 * and more than these are not told: their number would come near to that of the characters.
 */
const MOST_DELETIONS = 20;
/** A second of attention, a tenth of hesitation: how long somebody typed would tell how much. */
const ATTENTION = 1000;
const HESITATION = 100;
/** Browsers fill one field after the other, beginning with the one that starts the form. */
const FILLING = 1000;

/** A field that has the focus. Names end as those that the build shortens. */
interface Stay {
  field_: HTMLInputElement;
  form_: string;
  /** Empty for what is never named: of such a field it is told that somebody was there, and whether it was changed. */
  name_: string;
  /** The page load; without consent nothing. */
  view_: string;
  /** Attention for the page up to its beginning, ms. */
  active_: number;
  /** When it began; nothing once the page was hidden in it. */
  since_?: number;
  /** First, in ms since 1970. */
  firstChange_?: number;
  deletes_: number;
  deleting_?: boolean;
  pasted_?: boolean;
}

/** Old browsers do not know the name. */
const isFilled = guard((field: Element): boolean => field.matches(':autofill'));

/** Whether a box is ticked, or was, is what was chosen. Of a group of buttons one always is. */
const isBox = ({ type }: HTMLInputElement): boolean => type === 'checkbox';

const isGiven = ({ type, checked, value }: HTMLInputElement): boolean => (type === 'radio' ? checked : value !== '');

const rounded = (ms: number, to: number): number => Math.round(ms / to) * to;

export function start([record, , , , , , , log, countActive, state]: Hooks): void {
  /** A form without a name keeps its key while it grows fields. */
  const keys = new WeakMap<Element, string>();
  /** Fields of which it was told that the browser filled them. */
  const told = new WeakSet<Element>();
  let stay: Stay | undefined;

  const keyFor = (form: Element): string => keys.get(form) ?? (keys.set(form, keyOf(form)), keys.get(form)!);

  const tell: typeof record = (kind, props) => {
    // Switched off while the page is open.
    if (state()[0].x?.FormData) record(kind, props);
  };

  const leave = (why?: 'hidden'): void => {
    if (!stay) return;
    const { field_, form_: f, name_: n, view_, active_, since_, firstChange_, deletes_, pasted_ } = stay;
    const [, view] = state();
    // What was done before the visitor agreed stays untold.
    if (!view || view !== view_) return void (stay = undefined);
    const auto = isFilled(field_) || undefined;
    const c = (!auto && !!firstChange_) || undefined;
    if (auto) told.add(field_);
    if (n) {
      tell('field_left', {
        f,
        n,
        ms: rounded(countActive() - active_, ATTENTION),
        w: c && since_ && rounded(firstChange_! - since_, HESITATION),
        c,
        d: Math.min(deletes_, MOST_DELETIONS) || undefined,
        v: pasted_,
        auto,
        y: isGiven(field_) || undefined,
        why,
      });
    } else tell('field_left', { f, ms: 0, c: isBox(field_) ? undefined : c, auto, why });
    stay = why && { field_, form_: f, name_: n, view_, active_: countActive(), deletes_: 0 };
  };

  const enter = (element: Element | null): void => {
    if (!element || element === stay?.field_) return;
    leave();
    const form = element.matches(FIELDS) && formOf(element, 'focusin');
    if (!form) return;
    const field_ = element as HTMLInputElement;
    stay = { field_, form_: keyFor(form), name_: isBox(field_) ? '' : fieldName(field_), view_: state()[1], active_: countActive(), since_: Date.now(), deletes_: 0 };
  };

  /** Fields that the browser has filled without the visitor having been there. */
  const lookForFilled = (): void => {
    for (const field of document.querySelectorAll<HTMLInputElement>(`:is(${FIELDS}):autofill`)) {
      const form = field !== stay?.field_ && !told.has(field) && formOf(field);
      if (!form) continue;
      told.add(field);
      const [f, n] = [keyFor(form), fieldName(field)];
      tell('field_left', n ? { f, n, auto: true, y: true } : { f, auto: true });
    }
  };

  listen<FocusEvent>('focusin', ({ target }) => enter(target as Element));
  listen<FocusEvent>('focusout', ({ target, relatedTarget }) => {
    // The window has lost the focus, and the field has it still.
    if (target !== stay?.field_ || document.activeElement === target) return;
    const next = relatedTarget as HTMLInputElement | null;
    // The buttons of a group are one field.
    if (next?.type === 'radio' && next.name === stay!.field_.name) stay!.field_ = next;
    else leave();
  });
  listen<InputEvent>('input', ({ target, inputType, isTrusted }) => {
    if (!isTrusted || target !== stay?.field_) return;
    const isDeleting = /^delete/.test(inputType);
    if (isDeleting && !stay!.deleting_) stay!.deletes_++;
    stay!.deleting_ = isDeleting;
    stay!.pasted_ ||= inputType === 'insertFromPaste' || undefined;
    stay!.firstChange_ ??= Date.now();
  });
  // The record tells of leaving before what waits is sent for the last time; listeners of our own would come too late.
  follow(log, ([, kind]) => {
    if (kind === 'page_hidden') leave('hidden');
    // The field may go with the form, and some browsers do not say so.
    if (kind === 'form_completed') leave();
    if (/page_hidden|form_attempted/.test(kind)) lookForFilled();
    else if (kind === 'form_started') later(lookForFilled, FILLING);
  });
  enter(document.activeElement);
}
