import { card } from './card';
import { show } from './moments';
import { consent } from './record';
import { track } from './track';
import { complete } from './forms';
import { showPage } from './views';

function on(name: string, run: (detail: unknown) => void): () => void {
  const listener = (event: Event): void => run((event as CustomEvent).detail);
  addEventListener('exitpoll:' + name, listener);
  return () => removeEventListener('exitpoll:' + name, listener);
}

// Commands of later versions are accepted silently.
const COMMANDS: { [name: string]: ((...values: never[]) => unknown) | undefined } = {
  track,
  set: (properties: { [key: string]: unknown }) => track('', properties, 'set'),
  show,
  close: () => card?.close(),
  page: showPage,
  on,
  form_complete: complete,
  consent,
};

export const run = (name: string, ...values: unknown[]): unknown => COMMANDS[name]?.(...(values as never[]));
