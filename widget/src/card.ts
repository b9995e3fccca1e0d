import type { Card, Refusal } from './module_hooks';
import type { Show } from './wire';
import { typing } from './activity';
import { guard } from './guard';
import { hooks } from './hooks';
import { loadModule } from './module';
import { record } from './record';
import { modalOpen } from './surface';

/** The card that is open or waits to be. */
export let card: Card | undefined;

export function useCard(next: Card | undefined): void {
  card = next;
}

/** Not the time for a card: wait. */
export function busy(): boolean {
  return modalOpen() || typing();
}

/** The visitor's own "don't ask me again". It holds no id; a page may forbid storage altogether. */
export const askedNever = guard(() => localStorage.exitpoll_never as unknown);

/** The second file waits for the right moment, opens the card and tells what happens to it. */
export function openCard(p: string, show: Show, refusal: Refusal, focus?: boolean): void {
  loadModule()
    .then((module) => module.open(p, show, focus, refusal, hooks))
    .catch(() => record('prompt_failed', { p, why: 'late' }, true));
}
