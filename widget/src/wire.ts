// The wire contract: what travels between the widget and the server.

export type Scalar = string | number | boolean;
export type Props = { [name: string]: Scalar | { [name: string]: Scalar } | undefined };
export type WireEvent = [time: number, kind: string, props?: Props];

export type Comparison = 'equals' | 'contains' | 'greater' | 'less';

export interface Rule {
  kind:
    | 'page_view'
    | 'track'
    | 'form_viewed'
    | 'form_started'
    | 'form_completed'
    // The core does not know these.
    | 'click'
    | 'download'
    | 'outbound'
    | 'event'
    | 'field_reached'
    | 'search'
    | 'video';
  /** of `page_view` */
  path?: string;
  /** of `track` and `event` */
  name?: string;
  /** of `event`: what it must say, all of them */
  filters?: { property: string; is: Comparison; value: string }[];
  /** of the form rules */
  form?: string;
  /** of `field_reached`, beside the form */
  field?: string;
  /** of `video` */
  percent?: number;
  /** of `click`, the address of `download` and `outbound` too: patterns of what is read and of where it leads, or else a selector */
  label?: string;
  href?: string;
  /** of `form_completed` too, where the file of the rarer goals has it: what appears once the form has worked */
  selector?: string;
}

/** What turned a visitor away from a form. */
export type Cause = 'exit_mouse' | 'hidden' | 'navigated' | 'closed' | 'stalled' | 'scrolled_away';

export type AskAt =
  | 'exit'
  | 'leave_form'
  | 'next_page'
  | 'field_error'
  | 'page_view'
  | 'end_of_content'
  | 'reached'
  | 'rage_click'
  | 'not_found'
  | 'copy'
  | Exclude<keyof MomentDetails, 'gone'>
  | Cause;

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
  /** Whether what tells of leaving on a phone counts as an exit. */
  touch?: boolean;
  /** Whether the keys that lead to the address bar count as an exit. */
  keys?: boolean;
  /** Set when a moment alone does not suffice: all of them have to come, or some time has to pass. The file of the moments decides. */
  hold?: { all?: boolean; delay?: number };
  /** What those moments are about that are about something. */
  with?: MomentDetails;
}

export interface MomentDetails {
  /** Share of the page, in per cent. */
  scroll?: number;
  /** Milliseconds of attention for this page, and without any. */
  dwell?: number;
  idle?: number;
  /** Selectors. */
  seen?: string;
  click?: string;
  no_results?: string;
  /** Name of what was closed; empty for anything. */
  widget_closed?: string;
  /** Beside it, or in its place: the selector of what counts as closed when it is no longer seen. */
  gone?: string;
  event?: { name: string; where: [property: string, is: Comparison, value: string][] };
}

export interface Config {
  v: number;
  k: string;
  u: string;
  /** The file of the page's commands. */
  a: string;
  /** What the owner has switched on: 1 the consent banner is followed, 2 `dataLayer` is told of questions, 4 Do Not Track is honoured. */
  f: number;
  /** Lazy files, each under the name of the global that a page must have. */
  x?: { [name: string]: string };
  /** Expression of the parts of a query that may not leave the page. */
  q: string;
  goals: { id: string; rule: Rule }[];
  /** Goals that few sites have; the core does not know them, and of a completed form not what says so. */
  rare?: { id: string; rule: Rule }[];
  prompts: PromptRule[];
  /** Prompts that are not only a card in a corner; the core does not know them. */
  places?: Place[];
}

/** How a prompt stands in the page, beside or in the place of its moments. */
export interface Place {
  id: string;
  /** `center` is a card at a moment. */
  way: 'tab' | 'button' | 'inline' | 'center';
  pages: string[];
  /** Selector: what else opens it, or where it stands. */
  at?: string;
  /** Of `tab`. */
  label?: string;
  /** By other languages: the words, and their direction. */
  labels?: { [lang: string]: [label: string, dir: string] };
  side?: 'left' | 'right';
  lang?: string;
  dir?: string;
  css?: string;
  dark?: boolean;
}

export interface Choice {
  id: string;
  label: string;
  /** Opens a line to write in. */
  words?: boolean;
  /** Excludes the others. */
  only?: boolean;
}

export interface Question {
  id: string;
  /** Those after `statement` are drawn by a file of their own. */
  kind: 'single' | 'multi' | 'text' | 'scale' | 'link' | 'statement' | 'dropdown' | 'ranking' | 'date' | 'consent';
  title: string;
  help?: string;
  choices?: Choice[];
  /** Label of the comment. */
  comment?: string;
  /** What is said when nothing is given; without it nothing need be. */
  must?: string;
  /** What is said when what is given does not fit. */
  wrong?: string;
  /** Of `multi`: how many choices. */
  min?: number;
  max?: number;
  /** Of `text`; without it there is room for several lines. */
  input?: 'text' | 'email' | 'number' | 'url';
  /** A line beneath the field. */
  note?: string;
  /** Of `scale`: its first and last value, what stands for the values instead of numbers, and words for its ends. */
  from?: number;
  to?: number;
  marks?: string[];
  low?: string;
  high?: string;
  /** Words on the button of `link`, which leads to `url`, and of `statement`. */
  button?: string;
  url?: string;
  jumps?: Jump[];
  /** Of `ranking`: what its buttons do. */
  up?: string;
  down?: string;
}

/** Where an answer leads. */
export interface Jump {
  op: 'is' | 'is_not' | 'at_least' | 'at_most' | 'answered' | 'skipped';
  /** A choice, or a number. */
  value?: string | number;
  /** A later question, else an ending; of neither, the usual end. */
  to: string;
}

export interface Ending {
  text: string;
  url?: string;
  /** Words on the link, and on a button that opens the chat of the page. */
  label?: string;
  chat?: string;
  /** Seconds until the link is followed by itself, and how that is said. */
  after?: number;
  soon?: string;
  /** Whether this is help. */
  help?: boolean;
}

export interface Content {
  lang: string;
  dir: string;
  questions: Question[];
  submit: string;
  next: string;
  back: string;
  /** Such as "{n} of {of}". */
  of: string;
  later: string;
  /** Words on the button after which no question opens by itself in this browser; missing where the site has it not. */
  never?: string;
  close: string;
  thanks: string;
  endings?: { [id: string]: Ending };
  /** Place, colours, corners and font, where they are not the usual ones. */
  css: string;
  /** Whether the card is dark; without it that is as the page is. */
  dark?: boolean;
  /** Names of the properties of `show` that go along with the answer. */
  fields?: string[];
  /** Name of the file that draws further kinds, when one is needed. */
  kinds?: string;
  /** Place of the question that it opens with, in the editor's preview. */
  at?: number;
}

export interface Value {
  c?: string[];
  x?: string;
  n?: number;
}

export type AnswerValues = { [question: string]: Value };

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
  i?: string;
}
