import type { Question, Value } from './wire';
import { make } from './make';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  LongestText = 4000,
}

/** What a question is answered with. */
export interface Control {
  nodes: (Node | string)[];
  /** What is marked as wrong; the first can take the focus. */
  inputs: HTMLElement[];
  /** `undefined` for nothing. What needs the visitor's own word is given only when the button is pressed. */
  read(pressed?: boolean): Value | undefined;
  /** What is given does not fit. */
  bad?(): unknown;
  /** After every input. */
  update?(changed?: EventTarget | null): void;
}

export type Draw = (question: Question, given: Value, words: { of: string }) => Control;

const choose: Draw = ({ kind, choices = [], comment, min, max }, given) => {
  const isMulti = kind === 'multi';
  const inputs = choices.map(({ id }) => {
    const input = make('input', { type: isMulti ? 'checkbox' : 'radio', name: 'choice', value: id });
    input.checked = !!given.c?.includes(id);
    return input;
  });
  const chosen = (): string[] => inputs.filter(({ checked }) => checked).map(({ value }) => value);
  const caption = make('span', {});
  const text = make('textarea', { maxlength: Limit.LongestText, rows: 1 });
  text.value = given.x ?? '';
  // One line of words: for "other" when it is chosen, else for the comment.
  const words = make('label', { class: 'text' }, caption, text);
  const group = make(
    'fieldset',
    { 'aria-labelledby': 'title', role: isMulti ? 'group' : 'radiogroup' },
    ...inputs.map((input, index) => make('label', { class: 'row' }, input, make('span', {}, choices[index]!.label))),
  );
  const isOnly = (input: EventTarget): unknown => choices[inputs.indexOf(input as HTMLInputElement)]?.only;
  return {
    nodes: [group, words],
    inputs: isMulti ? inputs : [group],
    read() {
      const c = chosen();
      const x = words.hidden ? '' : text.value.trim();
      return c[0] ? { c, ...(x && { x }) } : undefined;
    },
    bad() {
      const n = chosen().length;
      return n && !inputs.some((input) => input.checked && isOnly(input)) && (n < min! || n > max!);
    },
    update(changed) {
      if (isMulti && (changed as HTMLInputElement)?.checked) {
        for (const input of inputs) if (input !== changed && isOnly(changed!) !== isOnly(input)) input.checked = false;
      }
      const other = choices.find(({ id, words: opens }) => opens && chosen().includes(id));
      words.hidden = !(other || (comment && chosen()[0]));
      words.classList.toggle('line', !!other);
      // The row just chosen already says it in sight.
      caption.textContent = other ? other.label : comment ?? '';
      caption.className = other ? 'sr' : '';
    },
  };
};

const write: Draw = ({ input: type, note }, given) => {
  const attributes = { maxlength: Limit.LongestText, 'aria-labelledby': 'title' };
  const input = type
    ? make('input', { type, step: 'any', autocomplete: type === 'email' && 'email', ...attributes })
    : make('textarea', { rows: 1, ...attributes });
  input.value = given.x ?? '';
  return {
    nodes: [input, ...(note ? [make('p', {}, note)] : [])],
    inputs: [input],
    read(pressed) {
      const x = type === 'email' && !pressed ? given.x : input.value.trim();
      return x ? { x } : undefined;
    },
    bad: () => !input.validity.valid,
  };
};

const rate: Draw = ({ from = 1, to = 1, marks, low, high }, given, { of }) => {
  const inputs: HTMLInputElement[] = [];
  const cells = [];
  for (let value = from; value <= to; value++) {
    const mark = marks?.[value - from];
    const end = value === from ? low : value === to ? high : '';
    const name = of.replace('{n}', String(value)).replace('{of}', String(to)) + (end ? ', ' + end : '');
    const input = make('input', { type: 'radio', name: 'value', value, 'aria-label': name });
    input.checked = given.n === value;
    inputs.push(input);
    cells.push(make('label', { class: mark === '★' ? 'cell star' : mark ? 'cell mark' : 'cell' }, input, mark ?? String(value)));
  }
  const group = make('fieldset', { class: 'scale', 'aria-labelledby': 'title', role: 'radiogroup' }, ...cells);
  group.style.setProperty('--n', String(cells.length));
  // Where fingers need room, a long scale takes two rows.
  group.style.setProperty('--half', String(cells.length > 6 ? Math.ceil(cells.length / 2) : cells.length));
  return {
    nodes: [group, ...(low || high ? [make('div', { class: 'ends', 'aria-hidden': 'true' }, make('span', {}, low), make('span', {}, high))] : [])],
    inputs: [group],
    read() {
      const value = inputs.find(({ checked }) => checked)?.value;
      return value ? { n: +value } : undefined;
    },
  };
};

/** Following the link is the answer. */
const lead: Draw = ({ url, button }, given) => {
  let { n } = given;
  const link = make('a', { class: 'go', href: url, target: '_blank', rel: 'noopener' }, button);
  link.addEventListener('click', () => {
    n = 1;
    link.dispatchEvent(new Event('input', { bubbles: true }));
  });
  return { nodes: [link], inputs: [link], read: () => (n ? { n } : undefined) };
};

const state: Draw = () => ({ nodes: [], inputs: [], read: () => undefined });

export const DRAWN: { [kind: string]: Draw } = { single: choose, multi: choose, text: write, scale: rate, link: lead, statement: state };
