import type { AnswerValues, Show } from './wire';
import type { Hooks, Opening } from './module_hooks';
import css from './card.css';
import { guard } from './guard';
import { modalOpen } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  ThanksStay = 4000,
  LongestText = 4000,
  DecisionTakes = 1000,
}

type Attributes = { [name: string]: string | number | boolean | undefined | null };

/** Text becomes text nodes, never markup: nothing here needs an exception from a strict policy. */
function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  ...children: (Node | string | false | null | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value || value === 0) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** A page with light text is a dark page, however it came to be dark. */
function pageIsDark(): boolean {
  const { color } = getComputedStyle(document.body);
  const [first = 0, second = 0, third = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  const lightness = /^rgb/.test(color) ? (first + second + third) / 765 : /^l/.test(color) ? first / 100 : first;
  return lightness > 0.6;
}

let isOpen = false;

/** Waits for the right moment: a dialog of the page closed, no key pressed for a while. */
export function open(hooks: Hooks, ...[prompt, show, options, rule, took]: Opening): void {
  const [record, , busy, , useCard, cancelled] = hooks;
  const giveUp = (why: 'late' | 'modal' | 'hidden' | 'converted'): void => {
    isWaiting = false;
    useCard(undefined);
    record('prompt_failed', { p: prompt, why }, true);
  };
  let isWaiting = true;
  const leave = (): void => giveUp(modalOpen() ? 'modal' : 'hidden');
  const attempt = guard(() => {
    if (!isWaiting) return;
    if (isOpen) return giveUp('modal');
    if (rule && took > Limit.DecisionTakes) giveUp('late');
    else if (rule && cancelled(rule)) giveUp('converted');
    else if (document.hidden) leave();
    else if (busy()) setTimeout(attempt, 500);
    else mount(prompt, show, options?.focus, hooks);
  });
  if (!isOpen) useCard({ close: leave, leave });
  attempt();
}

function mount(
  prompt: string,
  { content, token }: Show,
  focus: boolean | undefined,
  [record, announce, , addAnswer, useCard]: Hooks,
): void {
  const { question, lang } = content;
  const { choices = [], other, comment } = question;
  const isText = question.kind === 'text';
  let started = false;
  let finished = false;
  let sent = '';
  let number = 0;
  let before: Element | null = null;

  const host = make('exitpoll-card' as 'div', { lang, class: content.place, dir: /^(ar|fa|he|ur)\b/.test(lang) ? 'rtl' : 'ltr', popover: 'manual' });
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];

  // A reader speaks what appears in a region it already knows: the region comes first, its text later.
  const status = make('div', { class: 'sr', role: 'status' });

  const rows = (other ? [...choices, other] : choices).map(({ id, label }) =>
    make(
      'label',
      { class: 'row' },
      make('input', { type: question.kind === 'multi' ? 'checkbox' : 'radio', name: 'choice', value: id }),
      make('span', {}, label),
    ),
  );
  const inputs = rows.map((row) => row.firstChild as HTMLInputElement);
  const caption = make('span', {});
  const text = make('textarea', { maxlength: Limit.LongestText, rows: 1 });
  // One line of words: for "other" when it is chosen, else for the comment.
  const words = make('label', { class: 'text' }, caption, text);
  const submit = make('button', { type: 'submit' }, content.submit);
  const later = make('button', { type: 'button' }, content.later);
  later.onclick = guard(() => dismiss('later'));
  const close = make('button', { class: 'x', type: 'button', 'aria-label': content.close }, '×');
  close.onclick = guard(() => (finished ? remove() : dismiss('close')));

  const form = make(
    'form',
    {},
    !isText && make('fieldset', { 'aria-labelledby': 'title' }, ...rows),
    words,
    make(
      'footer',
      {},
      submit,
      later,
    ),
  );
  const title = make(
    'div',
    {},
    make('h2', { id: 'title' }, question.title),
    !!question.help && make('p', {}, question.help),
  );
  const header = make('header', {}, title, close);
  const card = make(
    'section',
    { class: pageIsDark() ? 'card dark' : 'card', role: 'region', 'aria-label': question.title },
    header,
    form,
  );

  function values(): AnswerValues | undefined {
    const c = inputs.filter(({ checked }) => checked).map(({ value }) => value);
    const x = words.hidden ? '' : text.value.trim();
    if (isText ? !x : !c.length) return undefined;
    return { [question.id]: { ...(isText ? {} : { c }), ...(x ? { x } : {}) } };
  }

  function update(): void {
    const isOther = inputs.some(({ checked, value }) => checked && value === other?.id);
    const wanted = isText || isOther || (comment && inputs.some(({ checked }) => checked));
    const label = isText ? question.title : isOther ? other!.label : comment?.label ?? '';
    words.hidden = !wanted;
    words.classList.toggle('line', isOther);
    caption.textContent = label;
    // The question itself, or the row just chosen, already says it in sight.
    caption.className = isText || isOther ? 'sr' : '';
    submit.disabled = !values();
  }

  function handOver(done: boolean): void {
    const answer = values();
    const now = JSON.stringify(answer);
    if (!answer || finished || (!done && now === sent)) return;
    sent = now;
    addAnswer({ i: token, n: ++number, done, v: answer });
    announce('prompt_answered', { prompt });
    if (done) announce('prompt_completed', { prompt });
  }

  function remove(): void {
    const focused = shadow.activeElement;
    // Back to where the keyboard came from, if it was in here at all.
    if (focused?.matches(':focus-visible') && before?.isConnected) (before as HTMLElement).focus({ preventScroll: true });
    host.remove();
    isOpen = false;
    useCard(undefined);
  }

  function dismiss(why: 'close' | 'later' | 'esc'): void {
    handOver(false);
    record('prompt_dismissed', { p: prompt, why });
    announce('prompt_dismissed', { prompt, why });
    remove();
  }

  function thank(): void {
    const keyboard = shadow.activeElement?.matches('button:focus-visible');
    title.replaceChildren(make('span', {}, content.thanks));
    form.remove();
    card.classList.add('done');
    status.textContent = content.thanks;
    if (keyboard) close.focus();
    const leave = guard(() => {
      if (card.matches(':hover') || shadow.activeElement) setTimeout(leave, Limit.ThanksStay);
      else if (host.isConnected) remove();
    });
    setTimeout(leave, Limit.ThanksStay);
  }

  form.onsubmit = guard((event: SubmitEvent) => {
    event.preventDefault();
    if (!values()) return;
    handOver(true);
    finished = true;
    thank();
  });
  form.oninput = guard(() => {
    if (!started) record('prompt_started', { p: prompt });
    started = true;
    update();
  });
  let isPressed = false;
  card.addEventListener('focusin', (event) => {
    before ??= event.relatedTarget as Element | null;
    if (!isPressed) card.classList.add('open');
  });
  // A sheet that grew under a finger would put another choice beneath it: it grows when the tap is over.
  card.addEventListener('pointerdown', () => {
    isPressed = true;
  });
  for (const type of ['click', 'pointercancel']) {
    card.addEventListener(type, () => {
      isPressed = false;
      card.classList.add('open');
    });
  }
  for (const type of ['keydown', 'keyup', 'keypress']) {
    // Typing an answer must not work the page's shortcuts.
    host.addEventListener(
      type,
      guard((event: Event) => {
        event.stopPropagation();
        if (type === 'keydown' && (event as KeyboardEvent).key === 'Escape') {
          if (finished) remove();
          else dismiss('esc');
        }
      }),
    );
  }

  update();
  shadow.append(status, card);
  document.body.append(host);
  guard(() => host.showPopover())();
  setTimeout(() => (status.textContent = question.title), 300);

  let timer = 0;
  new IntersectionObserver(
    (entries, observer) => {
      clearTimeout(timer);
      if (entries.some(({ intersectionRatio }) => intersectionRatio >= 0.5)) {
        timer = setTimeout(() => {
          observer.disconnect();
          record('prompt_seen', { p: prompt });
        }, 1000);
      }
    },
    { threshold: 0.5 },
  ).observe(card);

  if (focus) (isText ? text : inputs[0])?.focus();

  isOpen = true;
  useCard({
    close: () => (finished ? remove() : dismiss('close')),
    leave: () => handOver(false),
  });
  record('prompt_shown', { p: prompt }, true);
  announce('prompt_shown', { prompt });
}
