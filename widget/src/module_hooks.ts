import type { Answer, AskAt, Props } from './wire';

export type FormCause = 'exit_mouse' | 'hidden' | 'navigated' | 'closed' | 'stalled' | 'scrolled_away';

/** Why a prompt must not be shown any more, if so. */
export type Refusal = () => 'late' | 'converted' | false | undefined;

/**
 * What the second file may do with the core. A tuple, because names would be bytes in both files;
 * only ever append, since a cached file of another version may meet this one.
 */
export type Hooks = [
  record: (kind: string, props: Props, atOnce?: boolean) => void,
  /** Tells the page. */
  announce: (name: string, detail: unknown) => void,
  /** Not the time for a card. */
  busy: () => boolean,
  addAnswer: (answer: Answer) => void,
  useCard: (card: Card | undefined) => void,
  /** Visible, focused, and an input not long ago. */
  isActive: () => boolean,
  complete: (key: string, by?: 'call' | 'weak') => void,
  /** Keys of the forms completed in this view: a completed form is never abandoned. */
  completed: Set<string>,
  askAboutForm: (at: AskAt, key: string) => void,
];

/** What the core may do with an open card. */
export interface Card {
  close(): void;
  leave(): void;
}

/** What the core tells the form watcher. */
export interface Forms {
  /** Visitors leave the page, perhaps only for a while. */
  leave(cause: FormCause): void;
  /** The page has changed in place. */
  route(): void;
  /** The page is visible again. */
  back(): void;
  /** A new view has begun. */
  reset(): void;
}
