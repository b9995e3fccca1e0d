// The wire contract: what travels between the widget and the server.

export type Scalar = string | number | boolean;
export type Props = { [name: string]: Scalar | { [name: string]: Scalar } | undefined };
export type WireEvent = [time: number, kind: string, props?: Props];

export interface Rule {
  kind: 'url' | 'event' | 'form_started' | 'form_completed' | 'click';
  /** of `url` */
  path?: string;
  /** of `event` */
  name?: string;
  /** of the form rules */
  form?: string;
  /** of `click`: patterns of what is read and of where it leads, or else a selector */
  label?: string;
  href?: string;
  selector?: string;
}

export type AskAt = 'exit' | 'leave_form' | 'stall' | 'next_page';

/** When and where to ask: the server leaves no special case for the widget to find out. */
export interface PromptRule {
  id: string;
  /** Patterns of paths; at least one. */
  pages: string[];
  /** The goal that must have been reached, if any. */
  after: string | null;
  /** How long after it, in milliseconds. */
  within: number;
  /** Goals after which there is nothing to ask any more. */
  cancel: string[];
  at: AskAt[];
  /** Pattern of the keys of forms. */
  form: string;
  /** Active time before an exit counts, in milliseconds, and how fast the pointer has to be, in px/ms. */
  active: number;
  speed: number;
}

export interface Config {
  v: number;
  k: string;
  u: string;
  goals: { id: string; rule: Rule }[];
  prompts: PromptRule[];
}

export interface Choice {
  id: string;
  label: string;
}

export interface Question {
  id: string;
  kind: 'single' | 'multi' | 'text';
  title: string;
  help?: string | null;
  choices?: Choice[];
  other?: Choice | null;
  comment?: { label: string } | null;
}

export interface Content {
  lang: string;
  question: Question;
  submit: string;
  later: string;
  close: string;
  thanks: string;
  place: string;
}

export type AnswerValues = { [question: string]: { c?: string[]; x?: string } };

export interface Answer {
  i: string;
  n: number;
  /** Set when it is taken over for sending. */
  t?: number;
  done: boolean;
  v: AnswerValues;
}

export interface Show {
  token: string;
  content: Content;
}

export interface Decision {
  p: string;
  show?: Show;
  no?: string;
}

export interface Reply {
  cv?: number;
  config?: Config;
  goals?: string[];
  armed?: string[];
  decided?: string[];
  slot?: boolean;
  ask?: Decision[];
}

/** Sent only with the first batch of a view. */
export interface ViewFacts {
  n?: string;
  /** Empty for a computer. */
  d?: 'touch' | '';
  l?: string;
  b?: boolean;
}
