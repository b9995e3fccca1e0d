// The picker: the owner points at what should count, on the live site. Nothing of it is left when it is closed.
import type { Hooks } from './module_hooks';
import type { Extension } from './extensions';
import css from './pick.css';
import { keepToken } from './keep_link';
import { make } from './make';
import { candidatesOf, describe, looseFields, looseGroups, type Candidate, type GoalRule, type Group } from './picked';
import head from './tool.css';

interface Told {
  /** One sentence for each rule: how often it happened. */
  told?: string[];
  /** Where the goals are. */
  goals?: string;
  detail?: string;
  errors?: { message: string }[];
}

type Children = (Node | string | false | undefined)[];

function button(words: string, run: () => void, kind?: string): HTMLButtonElement {
  const made = make('button', { type: 'button', class: kind }, words);
  made.onclick = run;
  return made;
}

const PARAMETER = 'exitpoll_test';
const folder = import.meta.url.replace(/[^/]*$/, '');

export function start(_: Hooks, ...[{ k }]: Extension): void {
  const token = new URLSearchParams(location.search).get(PARAMETER);
  if (!token || document.querySelector('exitpoll-pick')) return;

  const host = make('exitpoll-pick' as 'div', { 'data-exitpoll-ignore': true });
  const box = make('div', { class: 'box' });
  const heading = make('h2', { tabindex: '-1' });
  const body = make('div', { class: 'body' });
  const status = make('p', { class: 'status', role: 'status' });
  const panel = make('section', { class: 'panel', 'aria-label': 'Exitpoll: pick what should count' }, make('header', {}, heading, button('Close', close)), body, status);
  const place = new CSSStyleSheet();
  const sheet = new CSSStyleSheet();
  const root = host.attachShadow({ mode: 'open' });
  const watching = new AbortController();
  const { signal } = watching;
  sheet.replaceSync(head + css);
  root.adoptedStyleSheets = [sheet, place];
  root.append(box, panel);

  /** What is outlined. */
  let current: Element | undefined;
  let isPicking = false;
  let turn = 0;

  async function ask(task: object): Promise<Told & { ok: boolean }> {
    try {
      const reply = await fetch(folder + 'goals', { method: 'POST', credentials: 'omit', referrer: '', body: JSON.stringify({ k, x: token, ...task }) });
      return { ...((await reply.json()) as Told), ok: reply.ok };
    } catch {
      return { ok: false, detail: 'Exitpoll could not be reached. Nothing was saved; try again.' };
    }
  }

  function outline(element?: Element): void {
    current = element;
    const { left = 0, top = 0, width = 0, height = 0 } = element?.getBoundingClientRect() ?? {};
    place.replaceSync(element ? `.box{display:block;left:${left - 3}px;top:${top - 3}px;width:${width + 6}px;height:${height + 6}px}` : '');
  }

  function point(element: unknown): void {
    if (!isPicking || !(element instanceof Element) || element === host || element === current) return;
    if (element === document.documentElement || element === document.body) return;
    outline(element);
    status.textContent = describe(element);
  }

  function show(title: string, ...parts: Children): void {
    heading.textContent = title;
    body.replaceChildren(...parts.filter((part): part is Node | string => !!part));
    heading.focus();
  }

  function pick(): void {
    isPicking = true;
    outline();
    status.textContent = '';
    show(
      'Pick what should count',
      make('p', {}, 'Click a part of the page. With the keyboard: Tab or the arrow keys move, Enter picks, Escape closes.'),
      make('div', { class: 'row' }, button('Browse the page', browse)),
      ...looseGroups().map((group, index) => advice(group, index + 1)),
    );
  }

  function browse(): void {
    isPicking = false;
    outline();
    status.textContent = '';
    show('Browse the page as usual', make('p', {}, 'Links open with the picker. Nothing you do here is counted.'), make('div', { class: 'row' }, button('Pick again', pick, 'primary')));
  }

  function choose(element: Element): void {
    isPicking = false;
    outline(element);
    const candidates = candidatesOf(element);
    const radios: HTMLInputElement[] = [];
    const counts: HTMLElement[] = [];
    const name = make('input', { id: 'name', maxlength: '80', autocomplete: 'off' });
    const wrong = make('p', { class: 'wrong', role: 'alert' });
    const chosen = (): number => Math.max(0, radios.findIndex(({ checked }) => checked));
    const rows = candidates.map(({ words }, index) => {
      const radio = make('input', { type: 'radio', name: 'rule', checked: !index });
      const count = make('small', {}, 'Counting…');
      radios.push(radio);
      counts.push(count);
      return make('label', {}, radio, make('span', {}, words, count));
    });
    const step = make('input', { type: 'radio', name: 'role', value: 'milestone', checked: true });
    const signalRole = make('input', { type: 'radio', name: 'role', value: 'engagement' });
    const loose = looseFields(element);
    const form = make(
      'form',
      {},
      make('fieldset', {}, make('legend', {}, 'What counts?'), ...rows),
      loose && advice(loose),
      make('div', { class: 'field' }, make('label', { for: 'name' }, 'Name'), name, make('small', {}, 'Empty: named after what happens.')),
      make(
        'fieldset',
        {},
        make('legend', {}, 'Role'),
        make('label', {}, step, make('span', {}, 'Step', make('small', {}, 'On the way to the main goal; stands in the funnel.'))),
        make('label', {}, signalRole, make('span', {}, 'Signal', make('small', {}, 'A sign of interest; stays out of the funnel.'))),
      ),
      wrong,
      make('div', { class: 'row' }, make('button', { class: 'primary' }, 'Save goal'), button('Pick another', pick)),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      wrong.textContent = '';
      void save(candidates[chosen()]!, name.value, signalRole.checked ? 'engagement' : 'milestone', wrong);
    };
    status.textContent = '';
    show(describe(element), form);
    void count(candidates, counts, chosen);
  }

  async function count(candidates: Candidate[], counts: HTMLElement[], chosen: () => number): Promise<void> {
    const mine = ++turn;
    const { told, detail } = await ask({ do: 'count', rules: candidates.map(({ rule }) => rule) });
    if (mine !== turn) return;
    counts.forEach((line, index) => (line.textContent = told?.[index] ?? detail ?? ''));
    // Nobody has to look for it.
    status.textContent = `${candidates[chosen()]!.words}. ${counts[chosen()]!.textContent}`;
  }

  async function save({ rule, words }: { rule: GoalRule; words: string }, name: string, role: string, wrong: HTMLElement): Promise<void> {
    const { ok, goals, detail, errors } = await ask({ do: 'save', rules: [rule], name, role });
    if (!ok) {
      wrong.textContent = errors?.map(({ message }) => message).join(' ') || detail || '';
      return;
    }
    outline();
    show(
      'Saved',
      make('p', {}, `“${name.trim() || words}” counts now, and in earlier visits.`),
      make('div', { class: 'row' }, button('Pick another', pick, 'primary'), goals ? make('a', { href: goals }, 'Back to Exitpoll') : false),
    );
    status.textContent = '';
  }

  /** Only the page itself can make them a form. */
  function advice({ around, count: fields }: Group, number = 1): HTMLElement {
    const key = around.getAttribute('id') || 'my-form' + (number > 1 ? `-${number}` : '');
    const text = `data-exitpoll-form="${key.replace(/"/g, '')}"`;
    const copy = button('Copy', () => {
      void navigator.clipboard.writeText(text).then(() => (copy.textContent = 'Copied'));
    });
    const where = button('Show', () => {
      around.scrollIntoView({ block: 'center' });
      outline(around);
    });
    return make(
      'div',
      { class: 'advice' },
      make('p', {}, `These ${fields} fields are in no form, so nobody sees where visitors give up. Add this attribute to the <${around.localName}> around them:`),
      make('code', {}, text),
      make('div', { class: 'row' }, !!navigator.clipboard && copy, where),
    );
  }

  function close(): void {
    watching.abort();
    host.remove();
  }

  const on = <Name extends keyof WindowEventMap>(name: Name, run: (event: WindowEventMap[Name]) => void, capture = true): void =>
    addEventListener(name, run, { capture, signal });
  const isOurs = ({ target }: Event): boolean => target === host;
  /** While picking, the page does not see what is meant for the picker. */
  const keep = (event: Event): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  on('pointerover', ({ target }) => point(target));
  on('focusin', ({ target }) => point(target));
  for (const name of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'dblclick', 'auxclick', 'submit'] as const) {
    on(name, (event) => isPicking && !isOurs(event) && keep(event));
  }
  on('click', (event) => {
    if (!isPicking || isOurs(event)) return;
    keep(event);
    point(event.target);
    if (current) choose(current);
  });
  on('keydown', (event) => {
    const { key } = event;
    if (key === 'Escape' && (isPicking || isOurs(event))) {
      keep(event);
      return close();
    }
    if (!isPicking || isOurs(event)) return;
    if ((key === 'Enter' || key === ' ') && current) {
      keep(event);
      choose(current);
    } else if (/^Arrow/.test(key)) {
      keep(event);
      const from = current ?? document.body;
      point({ ArrowUp: from.parentElement, ArrowDown: from.firstElementChild, ArrowLeft: from.previousElementSibling, ArrowRight: from.nextElementSibling }[key]);
    }
  });
  keepToken(PARAMETER, token, (event) => isPicking || isOurs(event), signal);
  const follow = (): void => outline(current);
  on('scroll', follow);
  on('resize', follow);
  // What is typed into the name is no shortcut of the page.
  for (const name of ['keydown', 'keyup', 'keypress', 'input'] as const) host.addEventListener(name, (event) => event.stopPropagation());

  document.body.append(host);
  pick();
}
