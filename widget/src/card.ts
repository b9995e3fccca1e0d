import type { Card } from './module_hooks';
import { lastKey } from './activity';
import { now } from './clock';
import { modalOpen } from './surface';

/** The card that is open or waits to be. */
export let card: Card | undefined;

export function useCard(next: Card | undefined): void {
  card = next;
}

/** Not the time for a card: wait. Nobody is asked while typing: of the keys, one is heard of at each look. */
export function busy(): unknown {
  return modalOpen() || now() - lastKey < 4000;
}
