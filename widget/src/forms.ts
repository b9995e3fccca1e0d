import type { FormCause, Forms, Hooks } from './module_hooks';
import { now } from './clock';
import { fieldName, FIELDS, fieldsOf, formOf, FORMS, keyOf } from './fields';
import { guard, later, listen } from './guard';
import { clean } from './labels';

// Put in place by the compiler, so that names cost no bytes.
const enum Time {
  LookEvery = 5_000,
  StalledAfter = 60_000,
  AwayAfter = 20_000,
  AttemptHolds = 10_000,
  ErrorHolds = 30_000,
}

interface FormState {
  key_: string;
  /** The element it was last seen as: pages render forms anew. */
  form_: Element;
  viewed_?: boolean;
  started_?: boolean;
  /** Times, 0 for never. */
  touched_: number;
  attempted_: number;
  error_: number;
  /** Since when it is half visible, and since when it is out of sight. */
  shown_: number;
  away_: number;
  field_?: Element;
  name_?: string;
  /** Fields already reported as wrong since the last attempt. */
  wrong_: Set<Element>;
  submit_?: Event;
  /** Left, and not touched since: there is nothing new to say. */
  left_?: boolean;
}

let [record, , , , , isActive, complete, completed, askAboutForm] = [] as unknown as Hooks;
let states: FormState[] = [];
let known = new WeakMap<Element, FormState>();
let visibility: IntersectionObserver;
let looking = false;

function stateOf(form: Element): FormState {
  let state = known.get(form);
  if (!state) {
    const key = keyOf(form);
    state = states.find(({ key_ }) => key_ === key);
    if (!state) {
      state = { key_: key, form_: form, touched_: 0, attempted_: 0, error_: 0, shown_: 0, away_: 0, wrong_: new Set() };
      states.push(state);
    }
    state.form_ = form;
    known.set(form, state);
    visibility.observe(form);
  }
  return state;
}

function scan(): void {
  for (const form of document.querySelectorAll(FORMS)) if (formOf(form) === form) stateOf(form);
}

const isOpen = ({ started_, key_ }: FormState): boolean => !!started_ && !completed.has(key_);

/** An attempt that no error has answered counts as under way for a while. */
const attempting = ({ attempted_, error_ }: FormState): boolean =>
  attempted_ > error_ && now() - attempted_ < Time.AttemptHolds;

function abandon(state: FormState, cause: FormCause): void {
  const afterError = now() - state.error_ <= Time.ErrorHolds;
  const why = afterError ? 'after_error' : cause;
  if (!isOpen(state) || attempting(state) || state.left_) return;
  state.left_ = true;
  record('form_abandoned', { f: state.key_, n: state.name_, why });
  if (cause === 'stalled') askAboutForm('stall', state.key_);
  else if (afterError ? !document.hidden : cause === 'closed' || cause === 'scrolled_away') {
    askAboutForm('leave_form', state.key_);
  }
}

/** The form is gone or the page has changed after an attempt: it worked. Else it was left. */
function settle(state: FormState, cause: FormCause): void {
  if (attempting(state)) complete(state.key_, 'weak');
  else abandon(state, cause);
}

function seen(entries: IntersectionObserverEntry[]): void {
  for (const { target, intersectionRatio, intersectionRect, isIntersecting } of entries) {
    // Rendered anew, it is another element by now.
    scan();
    const state = known.get(target);
    if (state?.form_ !== target) continue;
    // A form taller than the window counts when it fills half of the window.
    const isHalf = intersectionRatio >= 0.5 || intersectionRect.height >= innerHeight / 2;
    const since = (state.shown_ = isHalf ? state.shown_ || now() : 0);
    if (since && !state.viewed_) {
      later(() => {
        if (state.viewed_ || state.shown_ !== since) return;
        state.viewed_ = true;
        record('form_viewed', { f: state.key_, l: clean(target.getAttribute('aria-label')) || undefined });
      }, 1000);
    }
    state.away_ = isIntersecting ? 0 : now();
    if (!target.getClientRects()[0]) settle(state, 'closed');
  }
}

/** Runs only while a started form is unfinished. */
function lookAfterForms(): void {
  if (looking || document.hidden || !states.some(isOpen)) return;
  looking = true;
  later(() => {
    looking = false;
    for (const state of isActive() ? states : []) {
      if (state.away_ && now() - state.away_ >= Time.AwayAfter) abandon(state, 'scrolled_away');
      else if (now() - state.touched_ >= Time.StalledAfter) abandon(state, 'stalled');
    }
    lookAfterForms();
  }, Time.LookEvery);
}

function touch({ target, type, isTrusted }: Pick<Event, 'target' | 'type' | 'isTrusted'>): void {
  const field = target as Element;
  const form = field.matches(FIELDS) && formOf(field);
  if (!form) return;
  const state = stateOf(form);
  const name = fieldName(field);
  state.touched_ = now();
  state.left_ = false;
  if (!name) return;
  if (type === 'focusin') {
    if (state.field_ !== field) record('field_focused', { f: state.key_, n: name, i: fieldsOf(form).indexOf(field) });
  } else if (isTrusted && !state.started_) {
    state.started_ = true;
    record('form_started', { f: state.key_, n: name, auto: guard(() => field.matches(':autofill'))() ? 1 : undefined });
    lookAfterForms();
  }
  state.field_ = field;
  state.name_ = name;
}

function attempt(element: Element, submit?: Event): void {
  const form = formOf(element);
  if (!form) return;
  const state = stateOf(form);
  // The click on the button and the submit event it causes are one attempt.
  if (now() - state.attempted_ > 1000) record('form_attempted', { f: state.key_ });
  state.attempted_ = state.touched_ = now();
  state.submit_ = submit;
  state.wrong_.clear();
}

function wrong(field: Element): void {
  const form = formOf(field);
  const state = form && stateOf(form);
  // Checks while a visitor is still typing are no failures.
  if (!state?.attempted_ || state.wrong_.has(field)) return;
  state.wrong_.add(field);
  state.error_ = now();
  record('form_failed', { f: state.key_, n: fieldName(field) || undefined });
}

function leave(cause: FormCause): void {
  for (const state of states) {
    const { submit_, form_ } = state;
    // A submit that the page did not prevent has taken the visitor away.
    if (cause === 'navigated' && submit_ && !submit_.defaultPrevented && attempting(state) && form_.matches(':valid')) {
      complete(state.key_, 'weak');
    }
    abandon(state, cause);
  }
}

export function watchForms(hooks: Hooks): Forms {
  [record, , , , , isActive, complete, completed, askAboutForm] = hooks;
  visibility = new IntersectionObserver(guard(seen), { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5] });
  listen(document, 'focusin input change', touch);
  listen(document, 'invalid', ({ target }) => wrong(target as Element));
  listen(document, 'submit', (event) => attempt(event.target as Element, event));
  listen(document, 'reset', ({ target }) => {
    const state = known.get(target as Element);
    if (state && attempting(state)) complete(state.key_, 'weak');
  });
  listen(document, 'click', ({ target }) => {
    const button = (target as Element).closest<HTMLButtonElement>('button,input');
    if (/submit|image/.test(button?.type ?? '')) attempt(button!);
  });
  let planned = 0;
  new MutationObserver(
    guard((changes: MutationRecord[]) => {
      for (const { attributeName, target } of changes) {
        if (!attributeName) planned ||= later(() => ((planned = 0), scan()), 300);
        else if ((target as Element).ariaInvalid === 'true') wrong(target as Element);
      }
    }),
  ).observe(document, { childList: true, subtree: true, attributeFilter: ['aria-invalid'] });

  scan();
  // The module comes a moment after the first look at a form: the visitor may be in it already.
  const { activeElement } = document;
  if (activeElement) touch({ target: activeElement, type: 'focusin', isTrusted: true });
  return {
    leave,
    route: () => {
      for (const state of states) settle(state, 'navigated');
      later(scan, 300);
    },
    back: () => {
      for (const state of states) {
        state.touched_ = now();
        state.left_ = false;
      }
      lookAfterForms();
    },
    reset: () => {
      states = [];
      known = new WeakMap();
      scan();
    },
  };
}
