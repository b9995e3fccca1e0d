import type { Cause } from './wire';
import { heed, isActive, listenAgain } from './activity';
import { fieldName, FIELDS, formOf, FORMS, keyOf } from './fields';
import { ask } from './moments';
import { listen } from './guard';
import { glob } from './rules';
import { clean } from './labels';
import { now } from './clock';
import { record } from './record';

/** Two looks are three seconds apart. Put in place by the compiler, so that names cost no bytes. */
const enum Looks {
  UntilViewed = 2,
  UntilAway = 7,
  UntilStalled = 20,
}
const enum Time {
  AttemptHolds = 10_000,
  ErrorHolds = 30_000,
}
const enum Stage {
  Started = 1,
  Completed,
}

/** What is not set has not happened. */
interface FormState {
  key_: string;
  /** The element it was last seen as: pages render forms anew. */
  form_?: Element;
  stage_?: Stage;
  /** Looks in a row at which half of it was in sight; it stays at the last. */
  shown_?: number;
  /** Looks with attention for the page while the form was out of sight, and while no field was touched. */
  away_?: number;
  idle_?: number;
  attempted_?: number;
  error_?: number;
  field_?: Element;
  name_?: string;
  /** Fields reported as wrong since the last attempt. */
  wrong_?: Element[];
  submit_?: Event;
  /** Left, and not back since: there is nothing new to say. */
  left_?: number;
}

let states: FormState[] = [];

function stateOf(key: string): FormState {
  let state = states.find(({ key_ }) => key_ === key);
  state || states.push((state = { key_: key }));
  return state;
}

/** A form that is `display: contents` has no box of its own, but its fields have. */
const boxOf = (form?: Element): DOMRect | undefined => {
  let box: DOMRect | undefined;
  form && [form, ...form.querySelectorAll(FIELDS)].some((part) => (box = part.getClientRects()[0]));
  return box;
};

/**
 * A form that has no name keeps its key while it grows fields. Of several forms with one key, the one that was
 * touched last is meant, or the first that can be seen.
 */
function stateFor(form: Element, touched?: unknown): FormState {
  const state = states.find(({ form_ }) => form_ === form) ?? stateOf(keyOf(form));
  if (touched || !boxOf(state.form_)) state.form_ = form;
  return state;
}

export function complete(key: string, by?: 'weak'): void {
  const state = stateOf(key);
  if (state.stage_ === Stage.Completed) return;
  state.stage_ = Stage.Completed;
  record('form_completed', { f: key, by }, true);
}

/** An attempt that no error has answered counts as under way for a while. */
const attempting = ({ attempted_, error_ }: FormState): boolean =>
  !(attempted_! <= error_!) && now() - attempted_! < Time.AttemptHolds;

function abandon(state: FormState, cause: Cause): void {
  const { key_, name_, stage_, error_, left_ } = state;
  if (stage_ !== Stage.Started || left_ || attempting(state)) return;
  state.left_ = 1;
  const afterError = now() - error_! < Time.ErrorHolds;
  record('form_abandoned', { f: key_, n: name_, why: afterError ? 'after_error' : cause });
  // Still on this page, it was turned away from; of the other causes only `stalled` is a moment.
  ask(/closed|away|mouse,true/.test([cause, afterError] as unknown as string) ? 'leave_form' : cause, ({ form }) => glob(form, key_));
}

/** The form is gone or the page has changed after an attempt: it worked. Else it was left. */
function settle(state: FormState, cause: Cause): void {
  if (attempting(state)) complete(state.key_, 'weak');
  else abandon(state, cause);
}

/** At every look. */
export function lookAtForms(): void {
  for (const form of document.querySelectorAll(FORMS)) formOf(form) === form && stateFor(form);
  for (const state of states) {
    const { form_, shown_, key_ } = state;
    const box = boxOf(form_);
    if (!box) {
      // A visitor who is in a field goes on, in what has taken its place.
      if (attempting(state) || !formOf(document.activeElement!)) settle(state, 'closed');
      state.form_ = undefined;
      continue;
    }
    const inSight = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    if (shown_ !== Looks.UntilViewed) {
      // A form taller than the window counts when it fills half of the window.
      state.shown_ = inSight * 2 < Math.min(box.height, innerHeight) ? 0 : -~shown_!;
      if (state.shown_ === Looks.UntilViewed) {
        record('form_viewed', { f: key_, l: clean(form_!.ariaLabel) });
      }
    }
    for (const field of form_!.querySelectorAll('[aria-invalid=true]')) wrong(state, field);
    if (isActive) {
      state.away_ = inSight > 0 ? 0 : -~state.away_!;
      state.idle_ = -~state.idle_!;
      if (state.away_ === Looks.UntilAway) abandon(state, 'scrolled_away');
      if (state.idle_ === Looks.UntilStalled) abandon(state, 'stalled');
    }
  }
}

function touch(state: FormState, field: Element, { type, isTrusted }: Event): void {
  const { key_, stage_, field_ } = state;
  state.idle_ = state.left_ = 0;
  // Of the field that it was last, nothing more is told: most events are of that one.
  const name = stage_ && field_ === field ? '' : fieldName(field as HTMLInputElement);
  if (type === 'focusin') {
    // The first change is told, however soon it comes.
    stage_ || listenAgain();
    if (name && field_ !== field) record('field_focused', { f: key_, n: name });
  } else if (isTrusted && !stage_) {
    state.stage_ = Stage.Started;
    record('form_started', { f: key_, n: name });
  }
  state.field_ = field;
  if (name) state.name_ = name;
}

function attempt(state: FormState, submit?: Event): void {
  // The click on the button and the submit event it causes are one attempt.
  if (!(now() - state.attempted_! < 1000)) record('form_attempted', { f: state.key_ });
  state.attempted_ = now();
  state.idle_ = 0;
  state.submit_ = submit;
  state.wrong_ = [];
}

function wrong(state: FormState, field: Element): void {
  const { wrong_ } = state;
  // Checks while a visitor is still typing are no failures.
  if (!wrong_ || wrong_.includes(field)) return;
  wrong_.push(field);
  state.error_ = now();
  record('form_failed', { f: state.key_, n: fieldName(field as HTMLInputElement) });
}

export function leaveForms(cause: Cause, inPlace?: boolean): void {
  for (const state of states) {
    // A submit that the page did not prevent has taken the visitor away.
    if (inPlace || (cause === 'navigated' && state.submit_?.defaultPrevented === false)) settle(state, cause);
    else abandon(state, cause);
  }
}

/** Back on the page, another departure may follow. */
export function backToForms(): void {
  for (const state of states) state.left_ = 0;
}

export function resetForms(): void {
  states = [];
}

export const touchForm = (event: Event): void => {
  heed();
  const { type } = event;
  const element = event.target as Element;
  const form = formOf(element, type);
  if (!form) return;
  // Every change comes with `input` too.
  const state = stateFor(form, type);
  if (type === 'submit') attempt(state, event);
  else if (type === 'click') {
    if (element.closest<HTMLButtonElement>('button,input')?.type === 'submit') attempt(state);
  } else if (type === 'invalid') wrong(state, element);
  else if (type === 'reset') attempting(state) && complete(state.key_, 'weak');
  else if (element.matches(FIELDS)) touch(state, element, event);
};

export function watchForms(): void {
  listen('focusin invalid submit reset', touchForm);
}
