import type { Answer, Props, PromptRule, Show } from './wire';

/**
 * What the second file may do with the core. A tuple, because names would be bytes in both files;
 * only ever append, since a cached file of another version may meet this one.
 */
export type Hooks = [
  record: (kind: string, props: Props, atOnce?: boolean) => void,
  /** Tells the page. */
  announce: (name: string, detail: unknown) => void,
  /** Not the time for a card. */
  busy: () => unknown,
  addAnswer: (answer: Answer) => void,
  useCard: (card: Card | undefined) => void,
  /** A goal has been reached since: there is nothing to ask any more. */
  cancelled: (prompt: PromptRule) => boolean,
];

/** What to open: the rule is missing when the visitor has asked for it. `took` is the time of the decision in milliseconds. */
export type Opening = [prompt: string, show: Show, options: { focus?: boolean } | undefined, rule: PromptRule | undefined, took: number];

/** What the core may do with an open card. */
export interface Card {
  close(): void;
  leave(): void;
}
