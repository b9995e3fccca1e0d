import type { Props } from './wire';
import { config, consent, record } from './record';
import { track } from './track';
import { load } from './module';
import { show } from './moments';
import { complete } from './forms';
import { card } from './card';

// What must not wait for a file. All others are in the file of the page's commands, which says nothing to what it does not know.
const COMMANDS: { [name: string]: ((...values: never[]) => unknown) | undefined } = {
  consent,
  track,
  // A copy at once: the page may change its own.
  set: (properties: Props) => record('set', { props: { ...properties } as Props[string] }),
  form_complete: complete,
  show,
  // The card of this moment: one that is shown next is not meant.
  close: () => card?.close(),
};

export const run = (name: string, ...values: unknown[]): unknown =>
  COMMANDS[name] ? COMMANDS[name](...(values as never[])) : load(config.a, name, values);
