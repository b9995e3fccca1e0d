// What the widget knows of itself, for whoever looks in the console. No token, so nothing that the server knows.
import type { Hooks } from './module_hooks';
import { read } from './storage';

/** How a question stands, as far as the page knows: the latest that was recorded of it. */
function standOf(hooks: Hooks, id: string): string {
  const told = hooks[7].filter(([, , props]) => props?.p === id);
  const [time, kind, props] = told.pop() ?? [];
  const prompt = hooks[9]()[0].prompts.find((prompt) => prompt.id === id)!;
  if (kind) return `${kind} ${props?.m ?? props?.why ?? ''} after ${time} ms`;
  return hooks[5](prompt) ? 'pointless: a goal has been reached' : 'waits for its moment';
}

export function tell(hooks: Hooks): void {
  const [config, view, card] = hooks[9]();
  console.table({
    'configuration version': config.v,
    site: config.k,
    'page load': view,
    consent: read() ? 'granted' : 'none: nothing is stored',
    'card open': !!card,
    ...Object.fromEntries(config.prompts.map(({ id, at }) => [`question ${id} (${at})`, standOf(hooks, id)])),
  });
}
