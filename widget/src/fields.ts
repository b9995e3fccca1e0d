import { clean } from './labels';
import { inView } from './surface';

const MARK = 'data-exitpoll-form';
export const FORMS = `form,[${MARK}]`;
export const FIELDS = 'input,select,textarea';

/** Attributes only: a field named "id" or "name" hides the form's own property of that name. */
const attribute = (element: Element, name: string): string => element.getAttribute(name) ?? '';

export const fieldsOf = (form: Element): Element[] => [...form.querySelectorAll(FIELDS)];

/** The form an element belongs to, or nothing when it is not for us to look at. */
export function formOf(element: Element): Element | undefined {
  const form = element.closest(`[${MARK}]`) ?? (element as HTMLInputElement).form ?? element.closest('form');
  if (!form || !inView(element)) return undefined;
  if (attribute(form, MARK)) return form;
  return !fieldsOf(form)[0] ||
    // Logging in, searching and filtering are no forms to finish.
    form.closest('[role=search]') ||
    form.querySelector('[autocomplete~=current-password]') ||
    (!/post/i.test(attribute(form, 'method')) && form.querySelector('[type=search],[name=q],[name=s]'))
    ? undefined
    : form;
}

/** Names and their order stand for a form that has no name of its own. */
const hash = (form: Element): string =>
  'form_' +
  [...fieldsOf(form).map((field) => attribute(field, 'name')).join()]
    .reduce((sum, character) => ((sum * 33) ^ character.charCodeAt(0)) >>> 0, 5381)
    .toString(36);

export function keyOf(form: Element): string {
  const action = attribute(form, 'action');
  return (
    attribute(form, MARK) ||
    attribute(form, 'id') ||
    attribute(form, 'name') ||
    (action && new URL(action, location.href).pathname) ||
    hash(form)
  ).slice(0, 128);
}

/** The name a developer gave the field; empty for buttons and for what is secret: never named. */
export function fieldName(field: Element): string {
  const id = attribute(field, 'id');
  const name = attribute(field, 'name');
  return /password|file|hidden|submit|button|image|reset|cc-|one-time-code/i.test(attribute(field, 'type') + attribute(field, 'autocomplete')) ||
    /passw|card|cvv|cvc|ssn|iban|secret/i.test(name + id)
    ? ''
    : clean(name || id);
}
