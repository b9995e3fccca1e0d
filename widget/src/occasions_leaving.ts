// Signs of leaving on a computer that a question has to ask for: the keys that lead to the address bar. Where one does, a
// pause over a link that leads away is recorded too; it never asks.
import type { Hooks } from './module_hooks';
import { clickOf } from './click';
import { listen } from './guard';
import { inView } from './surface';

const PAUSE = 100;

export function watchLeaving([record, , , , , , ask, , countActive, state]: Hooks): void {
  const isWanted = (): boolean => state()[0].prompts.some(({ keys }) => keys);

  listen<KeyboardEvent>('keydown', ({ key, ctrlKey, metaKey, altKey, shiftKey, repeat, isTrusted }) => {
    if (!isTrusted || repeat || altKey || shiftKey || ctrlKey === metaKey || !/^l$/i.test(key) || !isWanted()) return;
    record('exit_intent', { m: 'keyboard' });
    // A key has just been pressed: the page counts as busy for some seconds, and whoever has left by then is not asked.
    ask('exit', ({ keys, active }) => keys && countActive() >= active);
  });

  let pausing = 0;
  let told: HTMLAnchorElement | undefined;
  listen<PointerEvent>('pointerover', ({ target, pointerType }) => {
    clearTimeout(pausing);
    const link = (target as Element).closest<HTMLAnchorElement>('a[href]');
    if (!link || link === told || pointerType !== 'mouse' || !inView(link) || !isWanted()) return;
    const { h } = clickOf(link);
    // Of links that stay on the site only the path is told.
    if (!h.startsWith('http')) return;
    pausing = setTimeout(() => {
      told = link;
      record('outbound_hover', { h });
    }, PAUSE);
  });
}
