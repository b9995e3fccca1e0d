import type { Config, Props } from './wire';
import { startView } from './views';
import { matches } from './rules';
import { addEvent, clear, flush } from './outbox';
import { log } from './log';
import { card } from './card';
import { now } from './clock';
import { load } from './module';

// Put in place by the compiler, so that names cost no bytes.
const enum Kept {
  /** Of the first events, for files that come late. */
  ForFiles = 25,
}

/** The server puts the configuration of the site in the place of this name. */
declare const __EXITPOLL_CONFIG__: Config;

export let config = __EXITPOLL_CONFIG__;
/** False while consent is off: nothing is recorded, kept or sent. */
export let recording = false;
/** Goals reached in this visit, with the time the widget learned of it. */
export const reached: { [goal: string]: number } = {};

export function useConfig(next: Config): void {
  config = next;
}

/** What is remembered with `granted`, and forgotten with the others, is the business of the file of commands. */
export function consent(choice?: unknown): void {
  if (choice) load(config.a, choice as string);
  if (choice === 'off') {
    card?.close();
    recording = false;
    clear();
  } else if (!recording) {
    recording = true;
    startView();
  }
}

export function announce(name: string, detail: unknown): void {
  dispatchEvent(new CustomEvent('exitpoll:' + name, { detail }));
}

/** Events that reach a goal do not wait for the next flush. */
export function record(kind: string, props: Props = {}, atOnce?: boolean): void {
  if (!recording) return;
  const event = addEvent(kind, props);
  for (const { id, rule } of config.goals) {
    if (!(id in reached) && matches(rule, event)) {
      reached[id] = now();
      announce('goal', { goal: id });
      atOnce = true;
    }
  }
  log[Kept.ForFiles] || log.push(event);
  if (atOnce) flush();
}
