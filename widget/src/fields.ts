import { clean } from './labels';
import { inView } from './surface';

export const FORMS = '[data-exitpoll-form],form';
export const FIELDS = 'input,select,textarea';
/** Logging in is no form to finish, nor is searching and filtering, which do not post. */
const NOT_OURS = '[role=search] *,[autocomplete~=current-password]';
const SEARCH = ',[name=q],[name=s],[type=search]';
/** No words of a visitor (file, hidden, submit, button, image, reset, by the beginning of the type), or secret ones. */
const UNNAMED = /^(fi|hid|sub|but|im|res)|passw|cc-|one-time|card|cv[vc]|ssn|iban|secret/i;

/** Found to be ours at the last look: to judge it again at each key would cost the page more than all else. */
let ours: Element | false | null;

/** The form an element belongs to, or nothing when it is not for us to look at. */
export function formOf(element: Element, key?: unknown): Element | false | null {
  const form = element.closest('[data-exitpoll-form]') ?? (element as HTMLInputElement).form ?? element.closest('form');
  // A click beside all forms leaves what was found.
  return (
    form &&
    (ours =
      inView(element) &&
      ((key && form === ours) ||
        form.getAttribute('data-exitpoll-form') ||
        (form.querySelector(FIELDS) &&
          !form.querySelector((form as HTMLFormElement).method === 'post' ? NOT_OURS : NOT_OURS + SEARCH))) &&
      form)
  );
}

/**
 * The names of its fields and their order stand for a form that has no name of its own. Attributes only: a field
 * named "id" or "name" hides the form's own property of that name.
 */
export const keyOf = (form: Element): string =>
  (
    form.getAttribute('data-exitpoll-form') ||
    form.getAttribute('id') ||
    form.getAttribute('name') ||
    form.getAttribute('action')?.replace(/\w+:\/\/[^/]+|[?#].*/g, '') ||
    'form_' + [...form.querySelectorAll<HTMLInputElement>(FIELDS)].map(fieldName)
  ).slice(0, 64);

/** The name a developer gave the field; empty for what is never named. */
export const fieldName = ({ type, autocomplete, name, id }: HTMLInputElement): string =>
  UNNAMED.test([type, autocomplete, name, id] as unknown as string) ? '' : clean(name || id);
