// What is remembered of a visitor who agrees to it, in the site's own storage. Storage that throws remembers nothing.
import type { Hooks } from './module_hooks';
import { keepAnswers, sendKept, stopKeeping } from './kept';
import { clear, read, write } from './storage';

export type Choice = 'granted' | 'anonymous' | 'off';

let hooks: Hooks;
let addAnswer: Hooks[3] | undefined;
/** The page's own word goes before the banner's. */
let isSaid = false;
/** Whom the page says it is, while there is no consent to make use of it. */
let user: string | undefined;
/** Counts what is asked for, so that what takes its time does not undo what came after. */
let turn = 0;

/** The browser's own word goes before everything. */
const saysNo = (): boolean => {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  return !!globalPrivacyControl || (!!(hooks[9]()[0].f! & 4) && doNotTrack === '1');
};

/** 98 random bits; the first letter is the version of what is stored. */
const randomId = (): string =>
  '1' + [...crypto.getRandomValues(new Uint8Array(19))].map((byte) => (byte % 36).toString(36)).join('');

/** The same user is the same visitor on every device. Only a hash of what the page calls them leaves it. */
async function idOf(name: string): Promise<string> {
  const text = new TextEncoder().encode(hooks[9]()[0].k + '\n' + name);
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return '1' + [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, 19);
}

/** Takes up what an earlier page has left. */
export function remember(core: Hooks): void {
  hooks = core;
  if (addAnswer) return;
  addAnswer = core[3];
  if (!read()) return;
  if (saysNo()) withdraw();
  else keep();
}

function keep(): void {
  hooks[3] = keepAnswers(hooks, addAnswer!);
  sendKept(hooks);
}

export function choose(choice: Choice): Promise<void> {
  isSaid = true;
  return apply(choice);
}

/** `not_yet` is no choice: the banner is still open, or has said what holds before. */
export async function obey(choice: Choice | 'not_yet'): Promise<void> {
  if (!isSaid && hooks[9]()[0].f! & 1 && choice !== 'not_yet') await apply(choice);
}

async function apply(choice: Choice): Promise<void> {
  const mine = ++turn;
  if (choice !== 'granted' || saysNo()) return withdraw();
  const stored = read();
  const id = user ? await idOf(user).catch(randomId) : (stored?.id ?? randomId());
  if (mine !== turn) return;
  if (id !== stored?.id) {
    if (!write({ id, unsent: stored?.unsent ?? [] })) return;
    hooks[0]('consent', { m: 'granted', p: id }, true);
  }
  keep();
}

function withdraw(): void {
  const wasKnown = read();
  clear();
  stopKeeping();
  hooks[3] = addAnswer!;
  if (wasKnown) hooks[0]('consent', { m: 'anonymous' }, true);
}

/** Without consent, or on a page that is not secure, nobody is identified. */
export async function identify(name: unknown): Promise<void> {
  user = name + '';
  if (read() && 'subtle' in crypto) await apply('granted');
}

/** Somebody else sits down: with the next page they are a visitor of their own, in a visit of their own. */
export function forget(): void {
  user = undefined;
  turn++;
  const stored = read();
  if (stored) write({ ...stored, id: randomId() });
}
