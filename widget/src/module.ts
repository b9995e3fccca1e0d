import type { Hooks } from './module_hooks';
import { hooks } from './hooks';

/** The folder our own script came from; works behind any path prefix of the site's own proxy. */
export const base = (document.currentScript as HTMLScriptElement | null)?.src.replace(/[^/]*$/, '');

/** Asked for once: whoever waits for the same file is served in order. */
const files: { [name: string]: Promise<unknown> } = {};

/** A lazy file tells what it has to do by the one function that it exports. One that does not come is done without. */
export function load<Task extends unknown[]>(name: string, ...task: Task): Promise<unknown> {
  return (files[name] ??= import(base + name))
    .then((file) => (file as { start(hooks: Hooks, ...task: Task): unknown }).start(hooks, ...task))
    .catch(() => {});
}
