// The debug panel: why each question does or does not show, live, for the owner of the site. Nothing of it is left when it is closed.
import type { Hooks } from './module_hooks';
import type { Extension } from './extensions';
import type { WireEvent } from './wire';
import css from './debug.css';
import { follow } from './follow';
import { guard } from './guard';
import { keepToken } from './keep_link';
import { make } from './make';
import head from './tool.css';

type Mark = 'yes' | 'no' | 'wait';

/** A question, as the server tells how it stands. */
interface ToldPrompt {
  id: string;
  name: string;
  /** It can be opened by hand. */
  live: boolean;
  /** What would happen at its moment now. */
  now: [mark: Mark, words: string];
  moments: [at: string, words: string][];
  delay: number;
  rules: [mark: Mark, name: string, says: string][];
  last?: [at: number, words: string];
}

interface Told {
  prompts?: ToldPrompt[];
  detail?: string;
}

const enum Limit {
  Log = 100,
  Unfolded = 3,
  /** Replies that come together are followed by one look. */
  Together = 200,
  Second = 1000,
}

const PARAMETER = 'exitpoll_test';
/** Behind the token: the question whose page has the link. */
const QUESTION = 'exitpoll_question';
const MARKS: { [mark in Mark]: [sign: string, words: string] } = { yes: ['✓', 'Met'], no: ['✗', 'Speaks against it'], wait: ['…', 'Not yet'] };
const folder = import.meta.url.replace(/[^/]*$/, '');

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** Whose names are shown; never a value. */
const subject = (props: { [name: string]: unknown }, name: (id: string) => string): unknown =>
  props.u ? (props.u as string).replace(/\?.*/, '') : props.name ?? props.f ?? (typeof props.p === 'string' ? name(props.p) : '');

function button(words: string, run: () => void, attributes = {}): HTMLButtonElement {
  const made = make('button', { type: 'button', ...attributes }, words);
  made.onclick = guard(run);
  return made;
}

export function start(hooks: Hooks, ...[{ k, prompts: known }]: Extension): void {
  const query = new URLSearchParams(location.search);
  const token = query.get(PARAMETER);
  const cameFrom = query.get(QUESTION);
  if (!token || document.querySelector('exitpoll-debug')) return;
  const [, , busy, , , , , log, countActive, state] = hooks;

  const host = make('exitpoll-debug' as 'div', { 'data-exitpoll-ignore': true });
  const status = make('p', { class: 'status', role: 'status' });
  const questions = make('div', { class: 'questions' });
  const waits = make('p', { class: 'waits' });
  const events = make('ol', { class: 'log', tabindex: 0, 'aria-label': 'Events, newest first' });
  const seen = make('small', {});
  const body = make(
    'div',
    { class: 'body' },
    make('div', { class: 'row' }, button('Look again', () => void look(true)), seen),
    status,
    waits,
    questions,
    make('h3', {}, 'Events, newest first'),
    make('p', { class: 'note' }, 'Names only. You meet the questions as any visitor does; nothing you do here counts.'),
    events,
  );
  const fold = button('Fold', () => {
    body.hidden = !body.hidden;
    fold.textContent = body.hidden ? 'Unfold' : 'Fold';
    fold.setAttribute('aria-expanded', String(!body.hidden));
  }, { 'aria-expanded': 'true' });
  const move = button('Move right', () => {
    move.textContent = panel.classList.toggle('right') ? 'Move left' : 'Move right';
  }, { class: 'move' });
  const panel = make(
    'section',
    { class: 'panel', 'aria-label': 'Exitpoll: why did it not show?' },
    make('header', {}, make('h2', {}, 'Why did it not show?'), make('div', { class: 'row' }, move, fold, button('Close', close))),
    body,
  );
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(head + css);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  root.append(panel);

  const watching = new AbortController();
  /** When each moment of a question came on this page, by question and moment. */
  const came: { [key: string]: number } = {};
  /** What is drawn of each question. */
  const cards: { [id: string]: { update(told: ToldPrompt): void; tick(): void; name: string } } = {};
  let isLooking = false;
  let isAgain = false;
  let later = 0;

  async function ask(): Promise<Told & { ok: boolean }> {
    try {
      const reply = await fetch(folder + 'why', { method: 'POST', credentials: 'omit', body: JSON.stringify({ k, x: token, w: state()[1] }) });
      return { ...((await reply.json()) as Told), ok: reply.ok };
    } catch {
      return { ok: false, detail: 'Exitpoll could not be reached.' };
    }
  }

  /** Asks the server how the rules stand; gives whether the link still holds. */
  async function look(isAsked?: boolean): Promise<boolean> {
    if (isLooking) return (isAgain = true);
    isLooking = true;
    const { ok, prompts = [], detail = 'Exitpoll did not answer.' } = await ask();
    isLooking = false;
    const at = clock(Date.now());
    if (ok) {
      seen.textContent = 'As of ' + at;
      status.textContent = isAsked ? 'Looked at ' + at : '';
      if (!prompts[0]) questions.textContent = 'No question is live on this site.';
      for (const told of prompts) (cards[told.id] ??= card(told, prompts.length)).update(told);
    } else status.textContent = detail;
    if (isAgain) {
      isAgain = false;
      return look();
    }
    return ok;
  }

  function card({ id, name }: ToldPrompt, of: number): (typeof cards)[string] {
    let told: ToldPrompt;
    const now = make('span', {});
    const moments = make('ul', {});
    const rules = make('ul', {});
    const last = make('p', {});
    const fire = button('Fire now', async () => {
      // The server knows whether the link still holds; it marks what comes of it as a test.
      if (await look()) (window as unknown as { exitpoll(...command: unknown[]): void }).exitpoll('show', id, { focus: true });
    }, { 'aria-label': 'Fire now: ' + name });
    const line = (mark: Mark, name: string, says: string): HTMLElement => {
      const [sign, words] = MARKS[mark];
      return make('li', { class: mark }, make('span', { role: 'img', 'aria-label': words }, sign), make('div', {}, make('b', {}, name), says && ' ' + says));
    };
    const rule = known.find((prompt) => prompt.id === id);
    const tick = (): void => {
      const { moments: all, delay } = told;
      const active = countActive();
      const early = rule && active < rule.active;
      const lines = all.map(([at, words]) => {
        const when = came[id + at];
        const attention = at === 'exit' && early ? `, after ${rule.active / 1000} s of attention (${(active / 1000) | 0} so far)` : '';
        return line(when ? 'yes' : 'wait', 'Moment', `${words}: ` + (when ? 'came at ' + clock(when) : 'waiting' + attention));
      });
      if (delay) lines.push(line('wait', 'Delay', delay / 1000 + ' s after the moment'));
      moments.replaceChildren(...lines);
    };
    questions.append(
      make('details', { open: cameFrom ? id === cameFrom : of <= Limit.Unfolded }, make('summary', {}, make('b', {}, name), now), moments, rules, last, make('div', { class: 'row' }, fire)),
    );
    return {
      name,
      tick,
      update(next) {
        told = next;
        [now.className, now.textContent] = next.now;
        rules.replaceChildren(...next.rules.map((rule) => line(...rule)));
        last.textContent = next.last ? `Last: ${clock(next.last[0])} ${next.last[1]}` : '';
        fire.hidden = !next.live;
        tick();
      },
    };
  }

  function note([time, kind, props = {}]: WireEvent): void {
    // The id of a page load begins with its time.
    const at = parseInt(state()[1].slice(0, 12), 16) + time;
    if (kind === 'page_view') for (const key in came) delete came[key];
    if (kind === 'eligible') came[`${props.p}${props.m}`] = at;
    const what = subject(props, (id) => cards[id]?.name ?? known.find((prompt) => prompt.id === id)?.id ?? '');
    events.prepend(make('li', {}, make('time', {}, clock(at)), ` ${kind} ${what}`));
    events.children[Limit.Log]?.remove();
    for (const id in cards) cards[id]!.tick();
  }

  function close(): void {
    watching.abort();
    clearInterval(timer);
    replies.disconnect();
    host.remove();
  }

  const timer = setInterval(
    guard(() => {
      waits.textContent = busy() ? 'No card opens now: a dialog is open, or a key was pressed a moment ago.' : '';
      for (const id in cards) cards[id]!.tick();
    }),
    Limit.Second,
  );
  // What was recorded has arrived: the rules may stand differently.
  const replies = new PerformanceObserver((list) => {
    if (!list.getEntries().some(({ name }) => name === folder + 'i')) return;
    clearTimeout(later);
    later = setTimeout(() => void look(), Limit.Together) as unknown as number;
  });
  replies.observe({ type: 'resource' });
  keepToken(PARAMETER, token, ({ target }) => target === host, watching.signal);

  document.body.append(host);
  void look().then(() => follow(log, (event) => host.isConnected && note(event)));
}
