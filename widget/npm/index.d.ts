/** A property of an event, or of the visit. */
export type Scalar = string | number | boolean;
export type Properties = { [name: string]: Scalar | null | undefined };

/** What may be remembered: a random id and unsent answers; nothing on the device; nothing at all. */
export type Consent = 'granted' | 'anonymous' | 'off';

/** What happens to questions and goals, with what is told of it. */
export interface Events {
  prompt_shown: { prompt: string };
  prompt_answered: { prompt: string };
  prompt_completed: { prompt: string };
  prompt_dismissed: { prompt: string; why: string };
  goal: { goal: string };
}

export interface Options {
  /** Address of your site's script: `https://poll.example.com/x/site_….js`. */
  src: string;
  /** What may be remembered from the start; nothing is stored without `granted`. */
  consent?: Consent;
  /** Of the page's content security policy. */
  nonce?: string;
}

/** Loads the script once. Without a window, as when a page is rendered on a server, nothing happens. */
export function init(options: Options): void;

/** Records an event; a number in `value` is what the event is worth. */
export function exitpoll(command: 'track', name: string, properties?: Properties): void;
/** Says who the visitor is; only a hash leaves the browser, and only with consent. */
export function exitpoll(command: 'identify', user: string, properties?: Properties): void;
/** Says something of the visit that questions can be aimed by. */
export function exitpoll(command: 'set', properties: Properties): void;
/** Says what may be remembered. */
export function exitpoll(command: 'consent', choice: Consent): void;
/** Opens a question because the visitor asked for it. */
export function exitpoll(command: 'show', prompt: string, options?: { focus?: boolean }): void;
/** Closes an open card. */
export function exitpoll(command: 'close'): void;
/** Counts a page view that no address change tells of. */
export function exitpoll(command: 'page'): void;
/** Listens; the function that comes back ends it. */
export function exitpoll<Name extends keyof Events>(command: 'on', event: Name, listener: (detail: Events[Name]) => void): () => void;
/** Somebody else sits down. */
export function exitpoll(command: 'reset'): void;
/** Says that a form was completed, where that cannot be seen. */
export function exitpoll(command: 'form_complete', form: string): void;
/** Says that a widget of the page was closed. */
export function exitpoll(command: 'widget_closed', widget: string): void;
/** Names the visit to your own server; `undefined` when there is none. */
export function exitpoll(command: 'token', tell?: (token: string | undefined) => void): Promise<string | undefined>;
/** Prints in the console what the script knows of itself: version, consent, page load, and how each question stands. */
export function exitpoll(command: 'debug'): void;

export default exitpoll;

declare global {
  interface Window {
    exitpoll?: {
      (...command: unknown[]): unknown;
      q?: ArrayLike<unknown>[];
    };
  }
}
