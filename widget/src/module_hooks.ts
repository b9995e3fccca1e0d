import type { Answer, AskAt, Config, Props, PromptRule, Scalar, Show, WireEvent } from './wire';

/** The latest events. A file that comes late reads them; of the next ones it is told by a `push` of its own. */
export type Log = WireEvent[] & {
  /** Whether a prompt on hold may be asked for, now that one of its moments has come. */
  may?: (at: AskAt, prompt: PromptRule) => unknown;
};

/**
 * What a lazy file may do with the core. A tuple, because names would be bytes in both files;
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
  /** A moment has come: for the prompts that it suits, the server is asked. A busy page is tried again as often as said. */
  ask: (at: AskAt, suits: (prompt: PromptRule) => unknown, tries?: number) => void,
  log: Log,
  /** Milliseconds since the page was loaded that count as attention. */
  countActive: () => number,
  /** While nothing may be recorded the page load has no id. */
  state: () => [config: Config, view: string, card: Card | undefined],
  showPage: () => void,
];

export interface ShowOptions {
  /** Into the card, and back where it came from; only at the visitor's own act. */
  focus?: boolean;
  props?: { [name: string]: Scalar };
  /** Stands in there, as a part of the page, and not over it. */
  into?: Element;
  /** Style sheet of that place. */
  css?: string;
}

/** What to open: the rule is missing when the visitor has asked for it. `took` is the time of the decision in milliseconds. */
export type Opening = [prompt: string, show: Show, options: ShowOptions | undefined, rule: PromptRule | undefined, took: number];

/** What the core may do with an open card. */
export interface Card {
  close(): void;
  leave(): void;
}
