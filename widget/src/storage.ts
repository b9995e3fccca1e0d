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

/** The id, whose first letter is the version of all this; the core reads and sends it. */
const ID = 'exitpoll';
const UNSENT = 'exitpoll_unsent';

export function read(): Memory | undefined {
  try {
    const id = localStorage.getItem(ID);
    if (!id || !/^1[a-z0-9]{19}$/.test(id)) return undefined;
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
    localStorage.setItem(ID, id);
    if (unsent[0]) localStorage.setItem(UNSENT, text);
    else localStorage.removeItem(UNSENT);
    return localStorage.getItem(ID) === id && (localStorage.getItem(UNSENT) ?? '[]') === text;
  } catch {
    return false;
  }
}

export function clear(): void {
  try {
    localStorage.removeItem(ID);
    localStorage.removeItem(UNSENT);
  } catch {}
}
