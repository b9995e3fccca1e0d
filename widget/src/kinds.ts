// A file of its own: kinds of questions that few prompts ask.
import type { Draw } from './controls';
import css from './kinds.css';
import { make } from './make';

const dropdown: Draw = ({ choices = [], comment }, given) => {
  const none = make('option', {}, '–');
  none.value = '';
  const select = make(
    'select',
    { 'aria-labelledby': 'title' },
    none,
    ...choices.map(({ id, label }) => make('option', { value: id, selected: given.c?.[0] === id }, label)),
  );
  const caption = make('span', {});
  const text = make('textarea', { maxlength: 4000, rows: 1 });
  text.value = given.x ?? '';
  const words = make('label', { class: 'text' }, caption, text);
  return {
    nodes: [select, words],
    inputs: [select],
    read() {
      const x = words.hidden ? '' : text.value.trim();
      return select.value ? { c: [select.value], ...(x && { x }) } : undefined;
    },
    update() {
      const other = choices.find(({ id, words: opens }) => opens && id === select.value);
      words.hidden = !(other || (comment && select.value));
      caption.textContent = other ? other.label : comment ?? '';
      caption.className = other ? 'sr' : '';
    },
  };
};

const ranking: Draw = ({ choices = [], must, up = '', down = '' }, given, { of }) => {
  const order = given.c ? given.c.map((id) => choices.find((choice) => choice.id === id)!) : [...choices];
  // The order as it stands is an answer once somebody has changed it, or has been asked for one and sent it.
  let isSet: unknown = given.c;
  const list = make('ol', { class: 'ranks', 'aria-labelledby': 'title' });
  const move = (from: number, to: number): void => {
    order.splice(to, 0, ...order.splice(from, 1));
    isSet = true;
    draw();
    list.dispatchEvent(new Event('input', { bubbles: true }));
  };
  function draw(): void {
    list.replaceChildren(
      ...order.map(({ label }, place) => {
        const button = (sign: string, name: string, to: number): HTMLButtonElement => {
          const made = make('button', { type: 'button', class: 'step', 'aria-label': `${name}: ${label}`, disabled: to < 0 || to >= order.length }, sign);
          made.onclick = () => {
            move(place, to);
            const buttons = list.children[to]!.querySelectorAll('button');
            (sign === '↑' ? [...buttons] : [...buttons].reverse()).find(({ disabled }) => !disabled)?.focus();
          };
          return made;
        };
        const row = make(
          'li',
          { class: 'row', draggable: 'true' },
          make('span', { class: 'rank', 'aria-label': of.replace('{n}', String(place + 1)).replace('{of}', String(order.length)), role: 'img' }, String(place + 1)),
          make('span', { class: 'grow' }, label),
          button('↑', up, place - 1),
          button('↓', down, place + 1),
        );
        row.ondragstart = (event) => event.dataTransfer?.setData('text/plain', String(place));
        row.ondragover = (event) => event.preventDefault();
        row.ondrop = (event) => {
          event.preventDefault();
          move(Number(event.dataTransfer?.getData('text/plain')), place);
        };
        return row;
      }),
    );
  }
  draw();
  return {
    nodes: [list],
    inputs: [list],
    read: (pressed) => (isSet || (pressed && must) ? { c: order.map(({ id }) => id) } : undefined),
  };
};

const date: Draw = ({ note }, given) => {
  const input = make('input', { type: 'date', 'aria-labelledby': 'title' });
  input.value = given.x ?? '';
  return {
    nodes: [input, ...(note ? [make('p', {}, note)] : [])],
    inputs: [input],
    read: () => (input.value ? { x: input.value } : undefined),
    bad: () => !input.validity.valid,
  };
};

const consent: Draw = ({ note }, given) => {
  const input = make('input', { type: 'checkbox' });
  input.checked = !!given.n;
  return {
    nodes: [make('label', { class: 'row' }, input, make('span', {}, note))],
    inputs: [input],
    read: () => (input.checked ? { n: 1 } : undefined),
  };
};

export { css };
export const DRAWN: { [kind: string]: Draw } = { dropdown, ranking, date, consent };
