import type { Answer } from './wire';

/** An answer that has not arrived yet: its newest state. */
export interface Unsent {
  answer: Answer;
  /** Wall time. */
  at: number;
  view: string;
}

export interface Memory {
  id: string;
  unsent: Unsent[];
}

/** The id, whose first letter is the version of all this; the core reads and sends it. Behind it, or alone: no question is wanted. */
const ID = 'exitpoll';
const UNSENT = 'exitpoll_unsent';

/** What the visitor has said with a click of their own; it is nobody's id, and no consent is needed or taken back for it. */
const never = (): string => (/!$/.test(localStorage.getItem(ID)!) ? '!' : '');

export function read(): Memory | undefined {
  try {
    const id = /^1[a-z0-9]{19}(?=!*$)/.exec(localStorage.getItem(ID)!)?.[0];
    if (!id) return undefined;
    let unsent: Unsent[] = [];
    try {
      unsent = JSON.parse(localStorage.getItem(UNSENT) ?? '[]') as Unsent[];
    } catch {}
    return { id, unsent };
  } catch {
    return undefined;
  }
}

/** Whether it was stored. */
export function write({ id, unsent }: Memory): boolean {
  try {
    const text = JSON.stringify(unsent);
    const own = id + never();
    localStorage.setItem(ID, own);
    if (unsent[0]) localStorage.setItem(UNSENT, text);
    else localStorage.removeItem(UNSENT);
    return localStorage.getItem(ID) === own && (localStorage.getItem(UNSENT) ?? '[]') === text;
  } catch {
    return false;
  }
}

export function clear(): void {
  try {
    if (never()) localStorage.setItem(ID, '!');
    else localStorage.removeItem(ID);
    localStorage.removeItem(UNSENT);
  } catch {}
}
