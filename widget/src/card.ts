import type { Card, Opening } from './module_hooks';
import { lastKey } from './activity';
import { now } from './clock';
import { load } from './module';
import { config } from './record';
import { modalOpen } from './surface';

/** The card that is open or waits to be. */
export let card: Card | undefined;

export function useCard(next: Card | undefined): void {
  card = next;
}

/** Not the time for a card: wait. Nobody is asked while typing. */
export function busy(): unknown {
  return modalOpen() || now() - lastKey < 2000;
}

/** The second file waits for the right moment, opens the card and tells what happens to it. */
export function openCard(...opening: Opening): void {
  load(config.u, ...opening);
}
