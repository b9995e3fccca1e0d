import type { AnswerValues, Ending, Jump, Question, Show, Value } from './wire';
import type { Hooks, Opening } from './module_hooks';
import css from './card.css';
import { DRAWN, type Control } from './controls';
import { pageIsDark } from './dark';
import { guard } from './guard';
import { make } from './make';
import { modalOpen } from './surface';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  ThanksStay = 4000,
  DecisionTakes = 1000,
}

function meets({ op, value }: Jump, given?: Value): unknown {
  // Of no number no comparison holds.
  const number = given?.n ?? parseFloat(given?.x!);
  const has = given?.c?.includes(value as string);
  return {
    is: has,
    is_not: given && !has,
    at_least: number >= +value!,
    at_most: number <= +value!,
    answered: given,
    skipped: !given,
  }[op];
}

/** The card that is open; a page may have taken it away. */
let current: Element | undefined;
const isOpen = (): unknown => current?.isConnected;

/** Waits for the right moment: a dialog of the page closed, no key pressed for a while. */
export function open(hooks: Hooks, ...[prompt, show, options, rule, took]: Opening): void {
  const [record, , busy, , useCard, cancelled] = hooks;
  const { kinds } = show.content;
  const giveUp = (why: 'late' | 'modal' | 'hidden' | 'converted' | 'failed'): void => {
    isWaiting = false;
    if (!isOpen()) useCard(undefined);
    record('prompt_failed', { p: prompt, why }, true);
  };
  let isWaiting = true;
  const inside = options?.into;
  const leave = (): void => giveUp(modalOpen() ? 'modal' : 'hidden');
  const attempt = guard(() => {
    if (!isWaiting) return;
    if (isOpen() && !inside) giveUp('modal');
    else if (rule && took > Limit.DecisionTakes) giveUp('late');
    else if (rule && cancelled(rule)) giveUp('converted');
    else if (document.hidden) leave();
    // Whoever asks for it has done with writing.
    else if (options?.focus ? modalOpen() : busy()) setTimeout(attempt, 500);
    else if (!kinds) mount(prompt, show, options, hooks, DRAWN);
    else {
      // Beside this file, wherever that is.
      const file = './' + kinds;
      (import(file) as Promise<{ DRAWN: typeof DRAWN; css: string }>)
        .then((more) => isWaiting && mount(prompt, show, options, hooks, { ...DRAWN, ...more.DRAWN }, more.css))
        .catch(() => giveUp('failed'));
    }
  });
  if (!isOpen() && !inside) useCard({ close: leave, leave });
  attempt();
}

function mount(
  prompt: string,
  { content, token }: Show,
  { focus, props = {}, into, css: place = '' }: Opening[2] = {},
  [record, announce, , addAnswer, useCard]: Hooks,
  draw: typeof DRAWN,
  more = '',
): void {
  const { questions } = content;
  /** What was given to each question so far, on whatever path. */
  const given: AnswerValues = {};
  /** Questions in the order in which they came; the last one is shown. */
  const path: Question[] = [];
  let shown: Control;
  let started = false;
  let holds = false;
  let finished = false;
  let sent = '';
  let said = '';
  let number = 0;
  let before: Element | null = null;
  const gone = new AbortController();

  const host = make('exitpoll-card' as 'div', {
    lang: content.lang,
    class: (content.dark ?? pageIsDark()) && 'dark',
    dir: content.dir,
    popover: 'manual',
  });
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  // Last, so that it wins: colours and place as the owner has them.
  sheet.replaceSync(css + more + content.css + place);
  shadow.adoptedStyleSheets = [sheet];

  // A reader speaks what appears in a region it already knows: the region comes first, its text later.
  const status = make('div', { class: 'sr', role: 'status' });
  const button = (text: string, run: () => void, attributes = {}): HTMLButtonElement => {
    const made = make('button', { type: 'button', ...attributes }, text);
    made.onclick = guard(run);
    return made;
  };
  const submit = make('button', { type: 'submit' });
  const back = button(content.back, () => {
    keep();
    path.pop();
    show();
  });
  // The core sends what stands there with each page load. The id of a visitor who has agreed to one stays before it.
  const never = content.never && button(content.never, () => {
    dismiss('never');
    localStorage.exitpoll = [localStorage.exitpoll] + '!';
  }, { class: 'never' });
  const later = button(content.later, () => dismiss('later'));
  const close = button('×', () => (finished ? remove() : dismiss('close')), { class: 'x', 'aria-label': content.close });
  const error = make('p', { id: 'error', class: 'error', role: 'alert' });
  const form = make('form', { novalidate: true });
  const title = make('div', {});
  const card = make(
    'section',
    { class: 'card', role: focus ? 'dialog' : 'region' },
    make('header', {}, title, close),
    form,
  );

  /** Puts answers and properties in the place of {{q1|words}} and {{prop:plan|words}}. */
  const say = (text: string): string =>
    text.replace(/{{(?:prop:)?([^|}]+)\|?([^}]*)}}/g, (_, name: string, otherwise: string) => {
      const { c, x, n } = values()[name] ?? {};
      const question = path.find(({ id }) => id === name);
      const labels = c?.map((chosen) => question!.choices!.find(({ id }) => id === chosen)!.label).join(', ');
      return labels ?? x ?? String(n ?? props[name] ?? otherwise);
    });

  /** Notes what is given to the question that is shown. */
  function keep(pressed?: boolean): void {
    const { id } = path[path.length - 1]!;
    const value = shown.bad?.() ? undefined : shown.read(pressed);
    if (value) given[id] = value;
    else delete given[id];
  }

  /** What was given on the path that was taken. */
  function values(): AnswerValues {
    const answered = path.filter(({ id }) => given[id]);
    return Object.fromEntries(answered.map(({ id }) => [id, given[id]!]));
  }

  function handOver(pressed: boolean, done?: boolean): void {
    if (finished) return;
    keep(pressed);
    const v = values();
    const now = JSON.stringify(v);
    if (now === '{}' || (!done && now === sent)) return;
    sent = now;
    addAnswer({ i: token, n: ++number, done: !!done, v });
    announce('prompt_answered', { prompt });
    if (done) announce('prompt_completed', { prompt });
  }

  function fail(message: string): void {
    error.textContent = message;
    for (const input of shown.inputs) {
      input.setAttribute('aria-invalid', String(!!message));
      input.setAttribute('aria-describedby', 'error');
    }
    if (message) focusOn(shown);
  }

  function focusOn({ inputs: [first] }: Control): void {
    (first?.querySelector<HTMLElement>('input,button:enabled') ?? first)?.focus();
  }

  /** What comes after the question that is shown: another, or the id of an ending. */
  function following(): Question | string | undefined {
    const question = path[path.length - 1]!;
    const jump = question.jumps?.find((jump) => meets(jump, given[question.id]));
    return jump ? questions.find(({ id }) => id === jump.to) ?? jump.to : questions[questions.indexOf(question) + 1];
  }

  function label(): void {
    const { kind, button } = path[path.length - 1]!;
    const next = following();
    const words = (kind === 'statement' && button) || (next && typeof next !== 'string' ? content.next : content.submit);
    // What the browser has translated stays as long as it need not change.
    if (said !== words) submit.textContent = said = words;
  }

  /** Shows the last question of the path. */
  function show(): void {
    const question = path[path.length - 1]!;
    const place = questions.indexOf(question) + 1;
    const isInside = shadow.activeElement;
    shown = draw[question.kind]!(question, given[question.id] ?? {}, content);
    const heading = make('h2', { id: 'title', tabindex: -1 }, say(question.title));
    title.replaceChildren(
      ...(questions[1] ? [make('p', {}, content.of.replace('{n}', String(place)).replace('{of}', String(questions.length)))] : []),
      heading,
      ...(question.help ? [make('p', {}, say(question.help))] : []),
    );
    label();
    form.replaceChildren(...shown.nodes, error, make('footer', {}, submit, path[1] && back, later, never));
    card.setAttribute('aria-label', heading.textContent!);
    fail('');
    shown.update?.();
    form.scrollTop = 0;
    if (isInside) heading.focus();
    else setTimeout(() => (status.textContent = heading.textContent), 300);
  }

  /** One card at a time. One that stands in the page counts from the first input on. */
  function hold(): void {
    if (isOpen()) return;
    holds = true;
    current = host;
    useCard({
      close: () => (finished ? remove() : dismiss('close')),
      leave: () => handOver(false),
    });
  }

  function release(): void {
    if (!holds) return;
    holds = false;
    current = undefined;
    useCard(undefined);
  }

  function remove(): void {
    const focused = shadow.activeElement;
    // Back to where the keyboard came from, if it was in here at all.
    if ((focus || focused?.matches(':focus-visible')) && before?.isConnected) (before as HTMLElement).focus({ preventScroll: true });
    host.remove();
    gone.abort();
    release();
  }

  function dismiss(why: 'close' | 'later' | 'esc' | 'never'): void {
    handOver(false);
    record('prompt_dismissed', { p: prompt, why });
    announce('prompt_dismissed', { prompt, why });
    remove();
  }

  function end(id: string): void {
    const { text, url, label, chat, after, soon, help }: Ending = content.endings?.[id] ?? { text: content.thanks };
    const keyboard = shadow.activeElement?.matches(':focus-visible');
    const tell = (m: string): void => {
      if (help) record('prompt_helped', { p: prompt, m, why: id }, true);
    };
    const heading = make('h2', { tabindex: -1 }, say(text));
    title.replaceChildren(heading);
    status.textContent = heading.textContent;
    const link = url && make('a', { class: 'go', href: url, target: help && '_blank', rel: 'noopener' }, label);
    if (link) link.addEventListener('click', () => tell('link'));
    const talk = chat && button(chat, () => {
      tell('chat');
      announce('help', { prompt, ending: id, choices: Object.values(values()).flatMap(({ c = [] }) => c) });
      remove();
    }, { class: 'go' });
    form.replaceChildren(...(soon ? [soon] : []), make('footer', {}, link, talk));
    tell('shown');
    if (into) release();
    const stays = link || talk;
    if (!stays) {
      form.remove();
      card.classList.add('done');
    }
    if (keyboard) (stays ? heading : close).focus();
    const leave = guard(() => {
      if (!host.isConnected) return;
      if (card.matches(':hover') || (shadow.activeElement && shadow.activeElement !== heading)) setTimeout(leave, Limit.ThanksStay);
      else if (after) location.assign(url!);
      else remove();
    });
    if (after || !(stays || into)) setTimeout(leave, after ? after * 1000 : Limit.ThanksStay);
  }

  form.onsubmit = guard((event: SubmitEvent) => {
    event.preventDefault();
    const question = path[path.length - 1]!;
    const problem = shown.bad?.() ? question.wrong : !shown.read(true) && question.must;
    if (problem) return fail(problem);
    keep(true);
    const next = following();
    const isOver = !next || typeof next === 'string';
    handOver(true, isOver);
    if (!isOver) {
      path.push(next);
      show();
    } else {
      // All was left out: there is nothing to send.
      if (!sent) record('prompt_dismissed', { p: prompt, why: 'skipped' });
      finished = true;
      end(next || '');
    }
  });
  form.oninput = guard(({ target }: Event) => {
    if (!started) record('prompt_started', { p: prompt });
    started = true;
    hold();
    fail('');
    shown.update?.(target);
    keep();
    label();
    // Whoever has followed a link has nothing more to say to it.
    if (path[path.length - 1]!.kind === 'link') form.requestSubmit();
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

  // The keyboard of a phone must not cover the field that is written in.
  const screen = visualViewport;
  const lift = guard(() => {
    const covered = screen!.scale > 1.01 ? 0 : innerHeight - screen!.height - screen!.offsetTop;
    host.style.setProperty('--keys', Math.max(0, covered) + 'px');
  });
  for (const type of ['resize', 'scroll']) screen?.addEventListener(type, lift, { signal: gone.signal });

  path.push(questions[content.at || 0]!);
  show();
  shadow.append(status, card);
  (into ?? document.body).append(host);
  into || guard(() => host.showPopover())();

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

  if (focus) focusOn(shown!);

  into || hold();
  const told = content.fields?.map((name) => [name, props[name]]);
  record('prompt_shown', { p: prompt, props: told && Object.fromEntries(told) }, true);
  announce('prompt_shown', { prompt });
}
